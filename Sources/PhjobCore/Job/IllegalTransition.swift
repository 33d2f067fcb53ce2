/// An event that makes no sense in a job's phase. The job is unchanged.
package struct IllegalTransition: Error, Sendable, Equatable, CustomStringConvertible {
    package let event: JobEvent
    package let phase: JobPhase

    package var description: String { "a job that is \(phase.rawValue) cannot take the event \(event)" }
}
