//! When to connect, when to give up, when to try again.
//!
//! A pure state machine: time and chance come from the caller. All times count from the same moment of the caller's
//! choice.

use std::time::Duration;

/// How long a connection may take until the server has said welcome.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the server may stay silent when an answer is due. A dead network shows in no other way for minutes.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// How fast a slow network carries what is sent: what is large may take that much longer to be answered.
const SLOW_BYTES_PER_SECOND: usize = 25_000;

/// The wait after the first failure, and the longest one. Each failure doubles it.
pub const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait between two attempts.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has asked for a connection yet.
    Idle,
    /// The browser has no network.
    Offline,
    /// A socket is being opened, or the server has not said welcome yet.
    Connecting {
        /// When the attempt counts as failed.
        until: Duration,
    },
    /// The server has said welcome.
    Open,
    /// The last attempt failed or the connection was lost.
    Waiting {
        /// When the next attempt begins.
        until: Duration,
    },
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A connection is wanted.
    Wanted,
    /// The server said welcome.
    Welcomed,
    /// The socket failed or was closed.
    Lost,
    /// The browser has a network again.
    WentOnline,
    /// The browser has no network any more.
    WentOffline,
    /// Somebody does not want to wait any longer.
    RetryNow,
    /// Something was sent that the server answers.
    AnswerDue {
        /// How large it is.
        bytes: usize,
    },
    /// The server said something.
    Heard,
    /// Time has passed.
    Tick,
}

/// What the caller is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open a socket, in place of any other.
    Open,
    /// Close the socket.
    Close,
}

/// The state of one connection.
#[derive(Clone, Debug)]
pub struct Machine {
    phase: Phase,
    failures: u32,
    answer_by: Option<Duration>,
}

impl Default for Machine {
    fn default() -> Self {
        Self { phase: Phase::Idle, failures: 0, answer_by: None }
    }
}

impl Machine {
    /// Where the connection stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// How often in a row it failed. Zero while it is open.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Takes in what happened at the time `now`, and says what to do. `chance`, from 0 to 1, spreads the attempts of
    /// many clients.
    #[must_use]
    pub fn handle(&mut self, event: Event, now: Duration, chance: f64) -> Option<Command> {
        match (event, self.phase) {
            (Event::Wanted, Phase::Idle)
            | (Event::WentOnline, Phase::Offline | Phase::Waiting { .. })
            | (Event::RetryNow, Phase::Offline | Phase::Waiting { .. }) => Some(self.connect(now)),

            (Event::Welcomed, Phase::Connecting { .. }) => {
                self.phase = Phase::Open;
                self.failures = 0;
                None
            }
            (Event::Lost, Phase::Open | Phase::Connecting { .. }) => {
                self.wait(now, chance);
                None
            }
            (Event::WentOffline, Phase::Open | Phase::Connecting { .. } | Phase::Waiting { .. }) => {
                self.phase = Phase::Offline;
                self.answer_by = None;
                Some(Command::Close)
            }
            (Event::AnswerDue { bytes }, Phase::Open) => {
                let way = Duration::from_secs(u64::try_from(bytes / SLOW_BYTES_PER_SECOND).unwrap_or_default());
                self.answer_by.get_or_insert(now.saturating_add(ANSWER_TIMEOUT).saturating_add(way));
                None
            }
            (Event::Heard, Phase::Open) => {
                self.answer_by = None;
                None
            }

            (Event::Tick, Phase::Waiting { until }) if now >= until => Some(self.connect(now)),
            (Event::Tick, Phase::Connecting { until }) if now >= until => {
                self.wait(now, chance);
                Some(Command::Close)
            }
            (Event::Tick, Phase::Open) if self.answer_by.is_some_and(|due| now >= due) => {
                self.wait(now, chance);
                Some(Command::Close)
            }
            _ => None,
        }
    }

    fn connect(&mut self, now: Duration) -> Command {
        self.phase = Phase::Connecting { until: now.saturating_add(CONNECT_TIMEOUT) };
        self.answer_by = None;
        Command::Open
    }

    fn wait(&mut self, now: Duration, chance: f64) {
        let doubled = 2_u32.saturating_pow(self.failures.min(16));
        let longest = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
        // Half of the wait is fixed, so that nobody hammers the server; half is chance, so that a thousand clients do
        // not come back in the same second.
        let half = longest / 2;
        let chance = if chance >= 0.0 { chance.min(1.0) } else { 0.0 };
        let wait = half + half.mul_f64(chance);
        self.failures = self.failures.saturating_add(1);
        self.answer_by = None;
        self.phase = Phase::Waiting { until: now.saturating_add(wait) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const START: Duration = Duration::from_secs(100);

    fn seconds(n: u64) -> Duration {
        START + Duration::from_secs(n)
    }

    fn opened() -> Machine {
        let mut machine = Machine::default();
        assert_eq!(machine.handle(Event::Wanted, START, 0.0), Some(Command::Open));
        assert_eq!(machine.handle(Event::Welcomed, START, 0.0), None);
        machine
    }

    fn wait_of(machine: &Machine, now: Duration) -> Duration {
        match machine.phase() {
            Phase::Waiting { until } => until - now,
            phase => panic!("expected to wait, but is {phase:?}"),
        }
    }

    #[test]
    fn a_connection_opens_when_it_is_wanted_and_counts_as_open_after_the_welcome() {
        let mut machine = Machine::default();
        assert_eq!(machine.handle(Event::Wanted, START, 0.0), Some(Command::Open));
        assert!(matches!(machine.phase(), Phase::Connecting { .. }));
        assert_eq!(machine.handle(Event::Welcomed, START, 0.0), None);
        assert_eq!(machine.phase(), Phase::Open);
    }

    #[test]
    fn a_lost_connection_is_tried_again_when_the_wait_is_over_and_not_before() {
        let mut machine = opened();
        assert_eq!(machine.handle(Event::Lost, START, 1.0), None);
        assert_eq!(wait_of(&machine, START), FIRST_WAIT);
        assert_eq!(machine.handle(Event::Tick, START, 0.0), None);
        assert_eq!(machine.handle(Event::Tick, seconds(1), 0.0), Some(Command::Open));
    }

    #[test]
    fn every_failure_doubles_the_wait_up_to_the_longest() {
        let mut machine = opened();
        let mut waits = Vec::new();
        for _ in 0..8 {
            let _ = machine.handle(Event::Lost, START, 1.0);
            waits.push(wait_of(&machine, START).as_secs());
            assert_eq!(machine.handle(Event::RetryNow, START, 0.0), Some(Command::Open));
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 15, 15, 15]);
    }

    #[test]
    fn a_welcome_makes_the_next_wait_short_again() {
        let mut machine = opened();
        for _ in 0..5 {
            let _ = machine.handle(Event::Lost, START, 1.0);
            let _ = machine.handle(Event::RetryNow, START, 1.0);
        }
        let _ = machine.handle(Event::Welcomed, START, 1.0);
        let _ = machine.handle(Event::Lost, START, 1.0);
        assert_eq!(wait_of(&machine, START), FIRST_WAIT);
    }

    #[test]
    fn chance_takes_away_at_most_half_of_the_wait() {
        for chance in [-1.0, 0.0, 0.3, 1.0, 7.0, f64::NAN] {
            let mut machine = opened();
            let _ = machine.handle(Event::Lost, START, chance);
            let wait = wait_of(&machine, START);
            assert!(wait >= FIRST_WAIT / 2 && wait <= FIRST_WAIT);
        }
    }

    #[test]
    fn an_attempt_that_takes_too_long_is_given_up() {
        let mut machine = Machine::default();
        let _ = machine.handle(Event::Wanted, START, 0.0);
        assert_eq!(machine.handle(Event::Tick, seconds(9), 0.0), None);
        assert_eq!(machine.handle(Event::Tick, seconds(10), 0.0), Some(Command::Close));
        assert!(matches!(machine.phase(), Phase::Waiting { .. }));
    }

    #[test]
    fn a_server_that_owes_an_answer_and_stays_silent_is_left() {
        let mut machine = opened();
        let _ = machine.handle(Event::AnswerDue { bytes: 100 }, START, 0.0);
        // A later question does not put off the deadline of the first.
        let _ = machine.handle(Event::AnswerDue { bytes: 100 }, seconds(10), 0.0);
        assert_eq!(machine.handle(Event::Tick, seconds(14), 0.0), None);
        assert_eq!(machine.handle(Event::Tick, seconds(15), 0.0), Some(Command::Close));

        let mut machine = opened();
        let _ = machine.handle(Event::AnswerDue { bytes: 100 }, START, 0.0);
        let _ = machine.handle(Event::Heard, seconds(14), 0.0);
        assert_eq!(machine.handle(Event::Tick, seconds(60), 0.0), None);
        assert_eq!(machine.phase(), Phase::Open);

        // What is large is longer on its way.
        let _ = machine.handle(Event::AnswerDue { bytes: 1_000_000 }, seconds(60), 0.0);
        assert_eq!(machine.handle(Event::Tick, seconds(114), 0.0), None);
        assert_eq!(machine.handle(Event::Tick, seconds(115), 0.0), Some(Command::Close));
    }

    #[test]
    fn without_a_network_nothing_is_tried_until_it_is_back() {
        let mut machine = opened();
        assert_eq!(machine.handle(Event::WentOffline, START, 0.0), Some(Command::Close));
        assert_eq!(machine.handle(Event::Lost, START, 0.0), None);
        assert_eq!(machine.handle(Event::Tick, seconds(100), 0.0), None);
        assert_eq!(machine.phase(), Phase::Offline);
        assert_eq!(machine.handle(Event::WentOnline, seconds(100), 0.0), Some(Command::Open));
    }
}
