/// Migration `0010-upkeep`: finished jobs in the order in which they go.
enum UpkeepSchema {
  static let sql = """
    CREATE INDEX jobs_completed ON jobs (completed_at) WHERE completed_at IS NOT NULL;
    """
}
