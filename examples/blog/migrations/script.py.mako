"""${message}

Revision ID: ${up_revision}
Revises: ${comma(down_revision) or "<base>"}
Create Date: ${create_date}
"""

import sqlalchemy as sa
% if imports:
${imports}
% endif

from asyncmig import Operations

revision = "${up_revision}"
down_revision = ${repr(down_revision).replace("'", '"')}
branch_labels = ${repr(branch_labels).replace("'", '"')}
depends_on = ${repr(depends_on).replace("'", '"')}


async def upgrade(op: Operations) -> None:
    ${upgrades or "pass"}


async def downgrade(op: Operations) -> None:
    ${downgrades or "pass"}
