"""Turns a database back into one of the schema before the queue's, with everything that it can hold.

Trials import this; it is never run. The schema comes from the migrations 0001 to 0006 as they stand in
Sources/Storage/Database, which never change.
"""

import contextlib
import os
import pathlib
import re
import sqlite3

SOURCES = pathlib.Path(__file__).parents[2] / "Sources/Storage/Database"
#: The migrations, each with its file and the names of its texts there.
STEPS = [
    ("0001-blobs", "Schema.swift", ["blobs"]),
    ("0002-generators", "Schema.swift", ["generators"]),
    ("0003-jobs", "Schema.swift", ["jobs"]),
    ("0004-job-contents", "Schema.swift", ["jobContents"]),
    ("0005-tokens", "TenantSchema.swift", ["tokens", "generators", "jobs", "accounts"]),
    ("0006-batches", "Schema.swift", ["batches"]),
]


def is_possible():
    return (SOURCES / "Schema.swift").exists()


def texts(name):
    source = (SOURCES / name).read_text()
    return dict(re.findall(r'static let (\w+) = """\n(.*?)"""', source, re.S))


def is_between(path):
    """Whether a database is no longer, or not yet, one of the present schema."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        (last,) = database.execute("SELECT MAX(identifier) FROM grdb_migrations").fetchone()
    known = re.findall(r'registerMigration\("([^"]+)"', (SOURCES / "Schema.swift").read_text())
    return last < max(known)


def columns(database, schema, table):
    return [row[1] for row in database.execute("PRAGMA %s.table_info(%s)" % (schema, table))]


def turn_back(path):
    """The server of the database must not run."""
    path, old = str(path), str(path) + ".older"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(old)
    with contextlib.closing(sqlite3.connect(old, isolation_level=None)) as database:
        database.execute("ATTACH ? AS newer", (path,))
        (application,) = database.execute("PRAGMA newer.application_id").fetchone()
        database.execute("PRAGMA main.auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA main.application_id = %d" % application)
        # One transaction, so that it is quick.
        script = ["BEGIN", "CREATE TABLE main.grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)"]
        for _, file, names in STEPS:
            script += [texts(file)[name].rstrip().rstrip(";") for name in names]
        database.executescript(";\n".join(script) + ";\nCOMMIT;")
        database.execute("BEGIN")
        triggers = database.execute(
            "SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute("DROP TRIGGER main." + name)
        tables = database.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
        for (table,) in tables + [("sqlite_sequence",)]:
            shared = ", ".join(
                name for name in columns(database, "main", table) if name in columns(database, "newer", table))
            database.execute("DELETE FROM main." + table)
            database.execute("INSERT INTO main.%s (%s) SELECT %s FROM newer.%s" % (table, shared, shared, table))
        for _, sql in triggers:
            database.execute(sql)
        later = "DELETE FROM main.grdb_migrations WHERE identifier > ?"
        database.execute(later, (STEPS[-1][0],))
        database.execute("COMMIT")
        database.execute("DETACH newer")
        database.execute("PRAGMA journal_mode = WAL")
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path + suffix)
    os.replace(old, path)
