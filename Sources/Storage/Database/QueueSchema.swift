// The step that gives every client a line of its own in the queue, and every job its history.

/// Migration `0007-queue`.
enum QueueSchema {
  static let sql = [lines, clients, attempts].joined(separator: "\n")

  private static let lines = """
    -- Where the job stands in its client's line, in microseconds: when it was accepted, less its
    -- head start for its priority. What was accepted earlier catches up by waiting.
    ALTER TABLE jobs ADD COLUMN line_key INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN head_start INTEGER NOT NULL DEFAULT 0;
    -- What it is thought to need while it runs.
    ALTER TABLE jobs ADD COLUMN memory_bytes INTEGER NOT NULL DEFAULT 0
      CHECK (memory_bytes >= 0);
    -- It ran beside others when the process died.
    ALTER TABLE jobs ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0 CHECK (suspect IN (0, 1));
    UPDATE jobs SET line_key = created_at - priority * 60000000, head_start = priority * 60000000
      WHERE state IN ('queued', 'running');

    DROP INDEX jobs_claim;
    CREATE INDEX jobs_line ON jobs (client, line_key) WHERE state = 'queued';
    CREATE INDEX jobs_suspects ON jobs (suspect) WHERE state = 'queued' AND suspect = 1;
    """

  private static let clients = """
    ALTER TABLE clients ADD COLUMN running INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0);
    -- When a worker last took a job of the client's, and the how manieth such taking it was.
    ALTER TABLE clients ADD COLUMN served_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE clients ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
    -- Since when the head of its line waits for its turn, less its head start; null without a line.
    ALTER TABLE clients ADD COLUMN head_key INTEGER;
    UPDATE clients SET
      running = (SELECT COUNT(*) FROM jobs WHERE client = clients.name AND state = 'running'),
      head_key = (SELECT MIN(line_key) FROM jobs WHERE client = clients.name AND state = 'queued');
    CREATE INDEX clients_lines ON clients (head_key, turn) WHERE head_key IS NOT NULL;

    CREATE TABLE queue_turns (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      count INTEGER NOT NULL
    ) STRICT;
    INSERT INTO queue_turns (id, count) VALUES (1, 0);

    DROP TRIGGER clients_job_insert;
    CREATE TRIGGER clients_job_insert AFTER INSERT ON jobs
    BEGIN
      INSERT INTO clients (name, unfinished, bytes, head_key)
        VALUES (NEW.client, 1, NEW.stored_bytes, NEW.line_key)
      ON CONFLICT (name) DO UPDATE
        SET unfinished = unfinished + 1, bytes = bytes + NEW.stored_bytes, head_key = \(headKey);
    END;

    DROP TRIGGER clients_job_end;
    CREATE TRIGGER clients_job_end AFTER UPDATE OF state ON jobs
    WHEN OLD.state = 'running' AND NEW.state <> 'queued'
    BEGIN
      UPDATE clients SET unfinished = unfinished - 1, running = running - 1
      WHERE name = NEW.client;
    END;
    CREATE TRIGGER clients_job_claim AFTER UPDATE OF state ON jobs WHEN NEW.state = 'running'
    BEGIN
      UPDATE queue_turns SET count = count + 1;
      UPDATE clients SET running = running + 1, turn = (SELECT count FROM queue_turns),
        served_at = COALESCE(NEW.started_at, served_at)
      WHERE name = NEW.client;
      UPDATE clients SET head_key = \(headKey) WHERE name = NEW.client;
    END;
    CREATE TRIGGER clients_job_leave AFTER UPDATE OF state ON jobs
    WHEN NEW.state <> 'running' AND (OLD.state = 'queued' OR NEW.state = 'queued')
    BEGIN
      UPDATE clients SET unfinished = unfinished - (NEW.state <> 'queued'),
        running = running - (OLD.state = 'running'), head_key = \(headKey)
      WHERE name = NEW.client;
    END;
    """

  /// Named index: left to itself SQLite may sort all that a client has waiting.
  private static let headKey = """
    (SELECT MAX(line_key, clients.served_at - head_start)
      FROM jobs INDEXED BY jobs_line WHERE client = NEW.client AND state = 'queued'
      ORDER BY line_key, seq LIMIT 1)
    """

  private static let attempts = """
    CREATE TABLE job_attempts (
      seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
      fence INTEGER NOT NULL CHECK (fence >= 1),
      number INTEGER NOT NULL CHECK (number >= 1),
      worker TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      ending TEXT CHECK (ending IN ('finished', 'interrupted', 'lease_lost', 'process_died')),
      counted INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1)),
      PRIMARY KEY (seq, fence),
      CHECK ((ending IS NULL) = (ended_at IS NULL))
    ) STRICT, WITHOUT ROWID;
    -- Attempts that were under way, or in vain, before there was a history.
    INSERT INTO job_attempts (seq, fence, number, worker, started_at)
      SELECT seq, fence, attempt, worker, COALESCE(started_at, created_at) FROM jobs
      WHERE state = 'running' AND fence >= 1 AND attempt >= 1;
    """
}
