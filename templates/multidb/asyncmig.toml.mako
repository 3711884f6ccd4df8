# Settings of asyncmig. A variable overrides a key: ASYNCMIG_MAIN_URL overrides url of the database main.

# What stands here counts for every database.
# lock_wait = "10m"
# timezone = "Europe/Vienna"

[databases.main]
# The directory of env.py and the revisions, relative to this file.
script_location = "${script_location}/main"
# A URL, "env:NAME" for a variable or "file:PATH" for a file that holds it.
url = "env:MAIN_DATABASE_URL"

[databases.analytics]
script_location = "${script_location}/analytics"
url = "env:ANALYTICS_DATABASE_URL"
