// Makes a solver's thread yield to the threads that answer requests.

import Foundation

/// The scheduling priority of the calling thread.
enum ThreadPriority {
  /// Raises the nice value of this thread alone by `increment`, at most to 19.
  ///
  /// Linux keeps nice values by thread, against POSIX, and asks no privilege for raising one.
  /// Elsewhere this does nothing: there it would slow the whole process.
  static func lower(by increment: Int) {
    #if os(Linux)
      guard increment > 0 else { return }
      let process = __priority_which_t(PRIO_PROCESS.rawValue)
      _ = setpriority(process, 0, min(getpriority(process, 0) + Int32(increment), 19))
    #endif
  }
}
