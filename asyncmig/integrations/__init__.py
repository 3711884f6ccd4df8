"""Integrations: what frameworks need to have their database migrated; each module stands for itself."""
