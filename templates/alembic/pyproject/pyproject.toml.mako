[tool.alembic]
# Where the revisions are.
script_location = "${script_location}"

# What stands in front of Python's search path, so that env.py finds your code.
prepend_sys_path = ["."]

# The names of new files:
# file_template = "%%(year)d_%%(month).2d_%%(day).2d-%%(rev)s_%%(slug)s"

# What runs over a new file:
# [[tool.alembic.post_write_hooks]]
# name = "ruff"
# type = "module"
# module = "ruff"
# options = "check --fix REVISION_SCRIPT_FILENAME"
