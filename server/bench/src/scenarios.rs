//! What is measured, and how it is printed.

use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::Options;
use crate::book::{Book, percentile};
use crate::client::Failure;
use crate::coval::Coval;
use crate::load::{Figures, Member, Plan, run};
use crate::process::Process;
use crate::socket::Socket;
use crate::text::words;

/// A folder for SQLite's files, which goes with it.
struct Place {
    options: Options,
    folder: tempfile::TempDir,
    databases: usize,
}

impl Place {
    /// A server on a database that nobody has used.
    fn coval(&mut self) -> Result<Coval, Failure> {
        self.databases += 1;
        let file = self.folder.path().join(format!("{}.sqlite", self.databases)).display().to_string();
        let database = self.options.database_url.clone().unwrap_or(file);
        Ok(Coval::start(&self.options.coval, &database)?)
    }
}

/// Measures all that the options ask for.
pub async fn all(options: &Options) -> Result<(), Failure> {
    let mut place = Place { options: options.clone(), folder: tempfile::tempdir()?, databases: 0 };
    if options.wants("broadcast") {
        broadcast(&mut place).await?;
    }
    if options.wants("open") {
        open(&mut place).await?;
    }
    if options.wants("saturation") {
        saturation(&mut place).await?;
    }
    Ok(())
}

fn floor() -> Result<Process, Failure> {
    Ok(Process::start(Command::new(std::env::current_exe()?).arg("--floor"))?)
}

async fn at_floor(plan: Plan, clients: usize, writers: usize) -> Result<Figures, Failure> {
    let floor = floor()?;
    let book = Rc::new(Book::new(writers));
    let mut members = Vec::new();
    for number in 0..clients {
        let socket = Socket::open(floor.address(), "/ws", None).await?;
        members.push((Member::Floor(socket, number), number < writers));
    }
    run(&floor, plan, clients - 1, book, members).await
}

async fn at_coval(place: &mut Place, plan: Plan, clients: usize, writers: usize) -> Result<Figures, Failure> {
    let coval = place.coval()?;
    let memo = coval.memo(&words(2_000)).await?;
    let book = Rc::new(Book::new(writers));
    let mut members = Vec::new();
    for number in 0..clients {
        let client = coval.client(number, &memo, number < writers, &book).await?;
        members.push((Member::Coval(Box::new(client)), number < writers));
    }
    run(&coval.process, plan, clients - 1, book, members).await
}

const TITLES: &str = "| | N | ops a second | p50 / p95 / p99, ms | server CPU per delivered op, µs | % of a core | \
                      load's own, % | memory, MB | bytes a second to each |\n|---|---|---|---|---|---|---|---|---|";

fn print(name: &str, clients: usize, figures: &Figures) {
    let at = |percent| percentile(&figures.latencies, percent);
    let missing =
        if figures.missing > 0.001 { format!(" ({:.1} % too late)", figures.missing * 100.0) } else { String::new() };
    println!(
        "| {name} | {clients} | {:.0} | {:.2} / {:.2} / {:.2}{missing} | {:.1} ({:.1} a frame) | {:.0} | {:.0} | {:.0} | {:.0} |",
        figures.rate,
        at(50.0),
        at(95.0),
        at(99.0),
        figures.cpu_per_edit,
        figures.cpu_per_submission,
        figures.cpu,
        figures.own_cpu,
        figures.memory,
        figures.bytes,
    );
}

/// One document, ten writers.
async fn broadcast(place: &mut Place) -> Result<(), Failure> {
    println!("\n### One memo, 10 writers, an insert every 100 ms each\n\n{TITLES}");
    let plan = Plan { every: Duration::from_millis(100), time: place.options.time(), most: 60_000 };
    for clients in [25, 100, 300] {
        let floor = at_floor(plan, clients, 10).await?;
        print("bare `actix-ws`", clients, &floor);
        let coval = at_coval(place, plan, clients, 10).await?;
        print("Coval", clients, &coval);
        println!("| times the floor | {clients} | | | {:.2} | | | | |", coval.cpu_per_edit / floor.cpu_per_edit);
    }
    println!(
        "\nAims: 1.25 times the floor at 100 and 300; p99 under 4 ms at 100, under 6 ms at 300; 4,000 bytes a second."
    );
    Ok(())
}

/// A hundred clients at once.
async fn open(place: &mut Place) -> Result<(), Failure> {
    println!("\n### 100 clients open 100 KB at once\n\n| | median, ms | p95 | last |\n|---|---|---|---|");
    let floor = floor()?;
    let address = floor.address().to_owned();
    let times = at_once(|_| {
        let address = address.clone();
        async move {
            let mut socket = Socket::open(&address, "/blob", None).await?;
            socket.next().await?;
            Ok(())
        }
    })
    .await?;
    print_times("bare `actix-ws`", &times);
    let coval = Rc::new(place.coval()?);
    let memo = coval.memo(&words(100_000)).await?;
    let book = Rc::new(Book::new(0));
    let times = at_once(|number| {
        let (coval, memo, book) = (Rc::clone(&coval), memo.clone(), Rc::clone(&book));
        async move { coval.client(number, &memo, false, &book).await.map(drop) }
    })
    .await?;
    print_times("Coval", &times);
    println!("\nAim: a median under 20 ms.");
    Ok(())
}

fn print_times(name: &str, times: &[u32]) {
    let at = |percent| percentile(times, percent);
    println!("| {name} | {:.1} | {:.1} | {:.1} |", at(50.0), at(95.0), at(100.0));
}

/// How long each of a hundred takes who begin at once, sorted, in microseconds.
async fn at_once<F: Future<Output = Result<(), Failure>> + 'static>(
    work: impl Fn(usize) -> F,
) -> Result<Vec<u32>, Failure> {
    let all = tokio::task::LocalSet::new();
    let begun = Instant::now();
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let work = work(number);
            all.spawn_local(async move { work.await.map(|()| begun.elapsed().as_micros() as u32) })
        })
        .collect();
    all.run_until(async {
        let mut times = Vec::new();
        for task in tasks {
            times.push(task.await??);
        }
        times.sort_unstable();
        Ok(times)
    })
    .await
}

/// Everybody writes.
async fn saturation(place: &mut Place) -> Result<(), Failure> {
    println!("\n### 25 clients, all writing\n\n{TITLES}");
    let time = place.options.time();
    for rate in [1_250, 2_500, 5_000] {
        let plan = Plan { every: Duration::from_micros(25_000_000 / rate), time, most: 60_000 };
        print("bare `actix-ws`", 25, &at_floor(plan, 25, 25).await?);
        print("Coval", 25, &at_coval(place, plan, 25, 25).await?);
    }
    let mut highest = None;
    for rate in [8_000, 10_000, 12_000, 14_000, 17_000, 20_000, 25_000, 30_000] {
        let plan = Plan { every: Duration::from_micros(25_000_000 / rate), time, most: 60_000 };
        let figures = at_coval(place, plan, 25, 25).await?;
        print("Coval", 25, &figures);
        if percentile(&figures.latencies, 99.0) > 250.0 || figures.missing > 0.01 || figures.rate < rate as f64 * 0.97 {
            break;
        }
        highest = Some(figures.rate);
    }
    match highest {
        Some(rate) => println!("\nThe highest rate with p99 under 250 ms: {rate:.0} ops a second."),
        None => println!("\nNo rate from 8,000 up had a p99 under 250 ms."),
    }
    println!("Aims: p99 under 3 ms with 20 % of a core at 1,250; under 10 ms with 50 % at 5,000; 12,000 with SQLite.");
    Ok(())
}
