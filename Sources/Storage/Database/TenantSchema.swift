// The step that gives every object its client, and clients their tokens and their accounts.

/// Migration `0005-tokens`.
enum TenantSchema {
  static let sql = [tokens, generators, jobs, accounts].joined(separator: "\n")

  private static let tokens = """
    CREATE TABLE tokens (
      id TEXT PRIMARY KEY CHECK (length(id) = 10),
      digest BLOB NOT NULL CHECK (length(digest) = 32),
      client TEXT NOT NULL CHECK (length(client) <= 64 AND client <> '*'),
      scopes TEXT NOT NULL,
      note TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    """

  /// Names and contents are unique for a client and no longer over all. '*' is everybody.
  private static let generators = """
    CREATE TABLE generators_of_clients (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 128),
      client TEXT NOT NULL,
      name TEXT CHECK (length(name) BETWEEN 1 AND 128),
      blob_id INTEGER NOT NULL REFERENCES blobs (id),
      format TEXT NOT NULL,
      parameter_count INTEGER NOT NULL CHECK (parameter_count >= 0),
      identity BLOB NOT NULL CHECK (length(identity) = 32),
      created_at INTEGER NOT NULL,
      summary BLOB NOT NULL,
      architecture BLOB NOT NULL,
      UNIQUE (client, name),
      UNIQUE (client, identity)
    ) STRICT;
    INSERT INTO generators_of_clients (seq, id, client, name, blob_id, format, parameter_count,
        identity, created_at, summary, architecture)
      SELECT seq, id, '', name, blob_id, format, parameter_count, identity, created_at, summary,
        architecture FROM generators;
    DROP TABLE generators;
    ALTER TABLE generators_of_clients RENAME TO generators;
    CREATE INDEX generators_created ON generators (created_at);
    CREATE INDEX generators_format ON generators (format, created_at);
    CREATE INDEX generators_blob ON generators (blob_id);
    """

  private static let jobs = """
    -- The id that its client chose, where it chose one; `id` is then made of it and the client.
    ALTER TABLE jobs ADD COLUMN name TEXT CHECK (length(name) BETWEEN 1 AND 128);
    ALTER TABLE jobs ADD COLUMN stored_bytes INTEGER NOT NULL DEFAULT 0
      CHECK (stored_bytes >= 0);
    UPDATE jobs SET stored_bytes =
      COALESCE((SELECT length(document) FROM job_requests WHERE seq = jobs.seq), 0)
      + COALESCE((SELECT length(bytes) FROM job_inputs WHERE seq = jobs.seq), 0)
      + COALESCE((SELECT length(document) FROM job_results WHERE seq = jobs.seq), 0)
      + COALESCE((SELECT SUM(length(bytes)) FROM job_outputs WHERE seq = jobs.seq), 0);

    -- Every list is a client's.
    DROP INDEX jobs_created;
    DROP INDEX jobs_by_state;
    DROP INDEX jobs_by_subject;
    DROP INDEX jobs_by_method;
    DROP INDEX jobs_by_verdict;
    CREATE INDEX jobs_created ON jobs (client, created_at);
    CREATE INDEX jobs_by_state ON jobs (client, state, created_at);
    CREATE INDEX jobs_by_subject ON jobs (client, subject, created_at);
    CREATE INDEX jobs_by_method ON jobs (client, method, created_at);
    CREATE INDEX jobs_by_verdict ON jobs (client, verdict, created_at) WHERE verdict IS NOT NULL;

    ALTER TABLE job_latents ADD COLUMN client TEXT NOT NULL DEFAULT '';
    UPDATE job_latents SET client =
      COALESCE((SELECT client FROM jobs WHERE jobs.seq = job_latents.seq), '');
    """

  /// What each client has, kept by triggers so that quotas cost one look-up and not a count.
  private static let accounts = """
    CREATE TABLE clients (
      name TEXT PRIMARY KEY,
      unfinished INTEGER NOT NULL DEFAULT 0 CHECK (unfinished >= 0),
      bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO clients (name, unfinished, bytes)
      SELECT client, SUM(unfinished), SUM(bytes) FROM (
        SELECT client, state IN ('queued', 'running') AS unfinished, stored_bytes AS bytes
          FROM jobs
        UNION ALL
        SELECT client, 0, byte_count FROM generators JOIN blobs ON blobs.id = blob_id)
      GROUP BY client;

    CREATE TRIGGER clients_job_insert AFTER INSERT ON jobs
    BEGIN
      INSERT INTO clients (name, unfinished, bytes) VALUES (NEW.client, 1, NEW.stored_bytes)
      ON CONFLICT (name) DO UPDATE
        SET unfinished = unfinished + 1, bytes = bytes + NEW.stored_bytes;
    END;
    CREATE TRIGGER clients_job_end AFTER UPDATE OF state ON jobs
    WHEN OLD.state IN ('queued', 'running') AND NEW.state NOT IN ('queued', 'running')
    BEGIN UPDATE clients SET unfinished = unfinished - 1 WHERE name = NEW.client; END;
    CREATE TRIGGER clients_job_grow AFTER UPDATE OF stored_bytes ON jobs
    BEGIN
      UPDATE clients SET bytes = bytes + NEW.stored_bytes - OLD.stored_bytes
      WHERE name = NEW.client;
    END;
    CREATE TRIGGER clients_job_delete AFTER DELETE ON jobs
    BEGIN UPDATE clients SET bytes = bytes - OLD.stored_bytes WHERE name = OLD.client; END;
    CREATE TRIGGER clients_generator_insert AFTER INSERT ON generators
    BEGIN
      INSERT INTO clients (name, bytes)
        VALUES (NEW.client, (SELECT byte_count FROM blobs WHERE id = NEW.blob_id))
      ON CONFLICT (name) DO UPDATE SET bytes = bytes + excluded.bytes;
    END;
    CREATE TRIGGER clients_generator_delete AFTER DELETE ON generators
    BEGIN
      UPDATE clients SET bytes = bytes - (SELECT byte_count FROM blobs WHERE id = OLD.blob_id)
      WHERE name = OLD.client;
    END;
    """
}
