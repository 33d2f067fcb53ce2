/// A day of the Gregorian calendar (ISO 8601, also before 1582), and its number.
///
/// Times are read and written some ten times for each job; the calendars and formats of Foundation load their rules and the
/// time zone for that, and cost as much as all the rest of a short command.
struct CivilDate: Equatable {
    let year: Int64
    /// 1 is January.
    let month: Int64
    let day: Int64

    /// Days in 400 years, after which the calendar repeats itself.
    private static let daysInCycle: Int64 = 146_097
    /// Days from 1 March of the year 0 to 1 January 1970.
    private static let epoch: Int64 = 719_468

    /// Nil if there is no such day.
    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month), day >= 1, day <= Self.length(ofMonth: month, in: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// - Parameter number: days since 1970-01-01.
    init(dayNumber number: Int64) {
        // Years that begin in March end with their leap day.
        let (cycle, day) = (number + Self.epoch).flooredDivision(by: Self.daysInCycle)
        let yearOfCycle = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    var dayNumber: Int64 {
        let (cycle, yearOfCycle) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return cycle * Self.daysInCycle + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
            - Self.epoch
    }

    private static func length(ofMonth month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// The quotient rounded down, and a remainder that is never negative.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
