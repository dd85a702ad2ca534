// The table of transitions as a whole.

import Jobs
import Testing

@Suite("Job states")
struct JobStateTests {
  @Test("every state has its row and nothing follows a final one")
  func table() {
    #expect(Set(JobState.transitions.keys) == Set(JobState.allCases))
    for state in JobState.allCases {
      #expect(state.isFinished == ![.queued, .running].contains(state))
      #expect(!state.canBecome(state))
      for next in JobState.allCases {
        #expect(state.canBecome(next) == (JobState.transitions[state]?.contains(next) == true))
        if state.isFinished { #expect(!state.canBecome(next)) }
      }
    }
  }

  @Test("every state can be reached from the queue")
  func reach() {
    var reached: Set<JobState> = [.queued]
    for _ in JobState.allCases {
      reached.formUnion(reached.flatMap { JobState.transitions[$0] ?? [] })
    }
    #expect(reached == Set(JobState.allCases))
  }
}
