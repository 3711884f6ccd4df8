"""${message}

Revision ID: ${up_revision}
Revises: ${comma(down_revision) or "<base>"}
Create Date: ${create_date}
"""
import sqlalchemy as sa
from asyncmig import op
% if imports:
${imports}
% endif

revision = "${up_revision}"
down_revision = ${repr(down_revision).replace("'", '"')}
branch_labels = ${repr(branch_labels).replace("'", '"')}
depends_on = ${repr(depends_on).replace("'", '"')}


def upgrade() -> None:
    ${upgrades or "pass"}


def downgrade() -> None:
    ${downgrades or "pass"}
