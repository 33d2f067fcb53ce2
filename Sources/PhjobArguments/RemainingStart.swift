/// Where the words begin that a `.remaining` argument takes verbatim.
package enum RemainingStart: Equatable, Sendable {
    /// After `--`, or at the first word that no positional argument takes: `run --image base python train.py -v`.
    case firstWord
    /// Only after `--`: `submit --image base -- python train.py -v`.
    case separator
}
