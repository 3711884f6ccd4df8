# Settings of asyncmig. A variable overrides a key: ASYNCMIG_URL overrides url.

# The directory of env.py and the revisions, relative to this file.
script_location = "${script_location}"

# The database: a URL, "env:NAME" for a variable or "file:PATH" for a file that holds it.
# Without this line, env.py has to give an engine.
url = "env:DATABASE_URL"

# How long to wait for another process that is migrating the same database.
# lock_wait = "10m"

# One transaction for each "revision" or for the whole "run".
# transaction = "revision"

# The zone of dates in new files; without it, UTC.
# timezone = "Europe/Vienna"

# What to run over each new file.
# [[post_write_hooks]]
# name = "ruff"
# type = "exec"
# executable = "ruff"
# options = "format"
