/// How long a test waits, in seconds, for what has to come: far longer than it ever takes, as the machine may be busy with
/// other tests and other people's work. Only a test that fails waits that long.
package let patience: Double = 300
