// What is stored of jobs that may be worked on together.

/// The migration of companion keys.
enum CompanionSchema {
  static let sql = """
    ALTER TABLE jobs ADD COLUMN companion_key TEXT
      CHECK (length(companion_key) BETWEEN 1 AND 256);
    CREATE INDEX jobs_companions ON jobs (companion_key, line_key, seq)
      WHERE state = 'queued' AND companion_key IS NOT NULL;
    """
}
