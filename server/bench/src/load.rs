//! One run: clients, some of whom write, and what it costs.

use std::rc::Rc;
use std::time::Duration;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::book::Book;
use crate::client::{Client, Failure};
use crate::process::{Process, own_cpu};
use crate::socket::Socket;
use crate::text::Dice;

/// What is run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How long each waits between two edits.
    pub every: Duration,
    /// For how long it is measured.
    pub time: Duration,
    /// How long a text may become, in characters.
    pub most: usize,
}

/// How long everybody writes before it is measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long what was written may take to arrive after the end.
const REST: Duration = Duration::from_secs(3);

/// What came of a run.
pub struct Figures {
    /// From edit to remote, sorted, in microseconds.
    pub latencies: Vec<u32>,
    /// How many edits a second were made.
    pub rate: f64,
    /// The share of the edits that did not arrive in time.
    pub missing: f64,
    /// The server's processor time in microseconds for each edit and recipient, and for each submission and recipient.
    pub cpu_per_edit: f64,
    pub cpu_per_submission: f64,
    /// The server's processor time, and the load's own, in percent of one core.
    pub cpu: f64,
    pub own_cpu: f64,
    /// What the server holds, in MB.
    pub memory: f64,
    /// What each client gets, in bytes a second.
    pub bytes: f64,
}

/// Somebody to take part in a run.
pub enum Member {
    /// At the floor, with a number.
    Floor(Socket, usize),
    /// In a document.
    Coval(Box<Client>),
}

/// Runs `members`, each with whether they write, as `plan` says. What one writes reaches `recipients` others.
pub async fn run(
    server: &Process,
    plan: Plan,
    recipients: usize,
    book: Rc<Book>,
    members: Vec<(Member, bool)>,
) -> Result<Figures, Failure> {
    let clients = members.len();
    let all = LocalSet::new();
    let mut tasks = JoinSet::new();
    let mut dice = Dice::new(3);
    for (member, is_writer) in members {
        let offset = Duration::from_micros(dice.below(plan.every.as_micros().max(1) as usize) as u64);
        let rhythm = is_writer.then_some((Instant::now() + offset, plan.every));
        let book = Rc::clone(&book);
        match member {
            Member::Coval(client) => tasks.spawn_local_on(take_part(*client, rhythm, plan.most, book), &all),
            Member::Floor(socket, number) => tasks.spawn_local_on(repeat(socket, number, rhythm, book), &all),
        };
    }
    let measured = async {
        sleep(WARM_UP).await;
        let (before, own_before, begun) = (server.cpu(), own_cpu(), Instant::now());
        book.open(plan.time);
        sleep(plan.time).await;
        let time = begun.elapsed().as_secs_f64();
        let (used, own) = (server.cpu() - before, own_cpu() - own_before);
        let memory = server.memory_kb();
        let (delivered, delivered_edits) = (book.delivered().max(1), book.delivered_edits().max(1));
        let expected = book.edits() * recipients as u64;
        let rest = Instant::now() + REST;
        while book.taken() < expected && Instant::now() < rest {
            sleep(Duration::from_millis(20)).await;
        }
        let micros = used.as_secs_f64() * 1e6;
        Figures {
            missing: 1.0 - book.taken() as f64 / expected.max(1) as f64,
            latencies: book.latencies(),
            rate: book.edits() as f64 / time,
            cpu_per_edit: micros / delivered_edits as f64,
            cpu_per_submission: micros / delivered as f64,
            cpu: used.as_secs_f64() / time * 100.0,
            own_cpu: own.as_secs_f64() / time * 100.0,
            memory: memory as f64 / 1_024.0,
            bytes: book.bytes() as f64 / time / clients as f64,
        }
    };
    let failed = async {
        // Nobody ends before the run does, unless something is wrong.
        match tasks.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(error)) => error.into(),
            Some(Ok(Ok(()))) | None => "a client ended before the run did".into(),
        }
    };
    all.run_until(async {
        tokio::select! {
            figures = measured => Ok(figures),
            error = failed => Err(error),
        }
    })
    .await
}

type Rhythm = Option<(Instant, Duration)>;

async fn take_part(mut client: Client, rhythm: Rhythm, most: usize, book: Rc<Book>) -> Result<(), Failure> {
    let Some((mut next, every)) = rhythm else {
        loop {
            client.hear().await?;
        }
    };
    loop {
        tokio::select! {
            () = sleep_until(next) => {
                let now = Instant::now();
                while next <= now {
                    if book.is_writing() {
                        client.write(most).await?;
                    }
                    next += every;
                }
            }
            ready = client.ready() => {
                ready?;
                client.hear().await?;
            }
        }
    }
}

async fn repeat(mut socket: Socket, number: usize, rhythm: Rhythm, book: Rc<Book>) -> Result<(), Failure> {
    let (mut next, every) = rhythm.unwrap_or((Instant::now() + Duration::from_secs(86_400), Duration::from_secs(1)));
    let mut sequence = 0;
    loop {
        tokio::select! {
            () = sleep_until(next), if rhythm.is_some() => {
                let now = Instant::now();
                while next <= now {
                    if book.is_writing() {
                        sequence += 1;
                        book.submitted(number, sequence, vec![book.now()]);
                        socket.send(&format!("{number} {sequence} [1234,\"cash\"]")).await?;
                    }
                    next += every;
                }
            }
            ready = socket.ready() => {
                ready?;
                let message = std::str::from_utf8(socket.next().await?)?;
                let mut words = message.split(' ');
                let mut word = || words.next().and_then(|word| word.parse::<u64>().ok());
                let (Some(writer), Some(sequence)) = (word(), word()) else {
                    return Err(format!("the floor sent something else: {message}").into());
                };
                if writer as usize == number {
                    book.acknowledged(number, sequence);
                } else {
                    book.reached(writer as usize, sequence);
                }
                let bytes = socket.take_bytes();
                book.came(bytes);
            }
        }
    }
}
