// Everything storage may refuse or fail at, in words an operator or a client can act on.

import GRDB
import Jobs

/// Why storage did not do what it was asked. Nothing was changed by the call that throws it.
public enum StorageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Another process, or this one, has the database open. The pid is absent when unreadable.
  case locked(path: String, holderPID: Int?)
  /// A newer version of the program wrote this database.
  case newerSchema(path: String, migrations: [String])
  /// There is no database yet, or one of an older version, and it was opened beside its owner.
  case schemaIncomplete(path: String)
  /// A SQLite database of some other program.
  case foreignDatabase(path: String)
  /// No room is left on the disk, or within SQLite's own limit.
  case full(detail: String)
  /// The database stayed locked for longer than the busy timeout.
  case busy(detail: String)
  /// What was stored does not read back as it was written.
  case corrupt(detail: String)
  /// Reading or writing failed for another reason.
  case io(detail: String)
  /// The generator name belongs to the generator `id`.
  case nameTaken(name: String, id: String)
  /// Unfinished jobs need the generator.
  case inUse(id: String, unfinishedJobs: Int)
  case generatorMissing(id: String)
  case blobMissing(ContentDigest)
  case tokenMissing(id: String)
  /// The client would have more stored than its quota allows.
  case clientFull(storedBytes: Int, addedBytes: Int, bytesMax: Int)
  /// The upload is longer than its writer was told to accept.
  case blobTooLarge(byteCountMax: Int)
  /// The writer was finished or aborted, or failed before.
  case blobWriterClosed
  case pageSizeInvalid(size: Int)
  case pageTokenInvalid(reason: String)

  public var description: String {
    switch self {
    case .locked(let path, let holderPID):
      "the database '\(path)' is in use by \(holderPID.map { "process \($0)" } ?? "a process"), "
        + "which holds '\(DatabaseLock.path(for: path))'; stop it or choose another database"
    case .newerSchema(let path, let migrations):
      "the database '\(path)' was written by a newer version (it has "
        + "\(migrations.joined(separator: ", "))); use that version or restore a backup"
    case .schemaIncomplete(let path):
      "the database '\(path)' is not there or of an older version; start this version's server once"
    case .foreignDatabase(let path):
      "'\(path)' is a SQLite database of another program; choose another file"
    case .full(let detail):
      "the storage is full (\(detail)); free some space or delete what is not needed"
    case .busy(let detail):
      "the database is busy (\(detail)); try again"
    case .corrupt(let detail):
      "the database is damaged (\(detail)); restore a backup"
    case .io(let detail):
      "the storage failed (\(detail)); check the disk and the file's permissions"
    case .nameTaken(let name, let id):
      "the name '\(name)' belongs to the generator '\(id)'; choose another or delete that one"
    case .inUse(let id, let unfinishedJobs):
      "the generator '\(id)' is needed by \(unfinishedJobs) unfinished jobs; wait for them or "
        + "cancel them"
    case .generatorMissing(let id):
      "there is no generator '\(id)'"
    case .blobMissing(let digest):
      "there is no stored content with the digest \(digest)"
    case .tokenMissing(let id):
      "there is no token '\(id)'; list them to see their ids"
    case .clientFull(let stored, let added, let most):
      "\(stored) bytes are stored for this client and \(added) more would be over its quota of "
        + "\(most); delete what is not needed"
    case .blobTooLarge(let byteCountMax):
      "the content is longer than the \(byteCountMax) bytes that are accepted"
    case .blobWriterClosed:
      "the upload has already ended or failed; begin a new one"
    case .pageSizeInvalid(let size):
      JobStoreError.pageSizeInvalid(size: size).description
    case .pageTokenInvalid(let reason):
      JobStoreError.pageTokenInvalid(reason: reason).description
    }
  }
}

extension StorageError {
  /// Sorts an error of the layers below into what a caller can do about it.
  init(sorting error: any Error) {
    switch error {
    case let error as StorageError: self = error
    case let error as DatabaseError:
      let detail = error.message ?? "SQLite code \(error.extendedResultCode.rawValue)"
      switch error.resultCode {
      // The index of the log cannot grow: of all its reasons that is the one there is.
      case _ where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: self = .full(detail: detail)
      case .SQLITE_FULL: self = .full(detail: detail)
      case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(detail: detail)
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(detail: detail)
      default: self = .io(detail: detail)
      }
    default: self = .io(detail: String(describing: error))
    }
  }
}

extension JobStoreError {
  /// What a job store says when the database below it failed.
  init(sorting error: any Error) {
    if let error = error as? JobStoreError {
      self = error
      return
    }
    let storageError = StorageError(sorting: error)
    if case .clientFull(let stored, let added, let most) = storageError {
      self = .clientFull(storedBytes: stored, addedBytes: added, bytesMax: most)
      return
    }
    let kind: JobStoreFailure.Kind =
      switch storageError {
      case .full: .full
      case .busy, .locked: .busy
      case .corrupt: .corrupt
      default: .io
      }
    self = .unavailable(JobStoreFailure(kind: kind, description: storageError.description))
  }
}
