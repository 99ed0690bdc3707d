//! What is measured, and how it is printed.

use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::Options;
use crate::book::{Book, percentile};
use crate::client::Failure;
use crate::coval::Coval;
use crate::floor;
use crate::load::{Figures, Member, Plan, run};
use crate::many;
use crate::process::Process;
use crate::socket::Socket;
use crate::text::words;

/// Where databases are made, and what was asked for.
struct Bench {
    options: Options,
    folder: tempfile::TempDir,
    databases: usize,
}

impl Bench {
    /// The URL of a database that nobody has used.
    fn database(&mut self) -> String {
        self.databases += 1;
        let file = self.folder.path().join(format!("{}.sqlite", self.databases)).display().to_string();
        // A database that was named holds what the scenarios before have left in it; each makes memos of its own.
        self.options.database_url.clone().unwrap_or(file)
    }

    fn coval(&mut self) -> Result<Coval, Failure> {
        let database = self.database();
        self.coval_on(&database)
    }

    fn coval_on(&self, database: &str) -> Result<Coval, Failure> {
        Coval::start(&self.options.coval, database, self.options.form)
    }
}

/// Measures all that the options ask for.
pub async fn all(options: &Options) -> Result<(), Failure> {
    let mut bench = Bench { options: options.clone(), folder: tempfile::tempdir()?, databases: 0 };
    println!(
        "The server under load: {}, {} s each, messages as {:?}.",
        options.database_url.as_deref().map_or("SQLite", |_| "the database that was named"),
        options.time().as_secs(),
        options.form,
    );
    if options.wants("broadcast") {
        broadcast(&mut bench).await?;
    }
    if options.wants("open") {
        open(&mut bench).await?;
    }
    if options.wants("saturation") {
        saturation(&mut bench).await?;
    }
    if options.wants("crowd") {
        crowd(&mut bench).await?;
    }
    if options.wants("documents") {
        documents(&mut bench).await?;
    }
    if options.wants("idle") {
        idle(&mut bench).await?;
    }
    if options.wants("history") {
        history(&mut bench).await?;
    }
    if options.wants("lists") {
        lists(&mut bench)?;
    }
    Ok(())
}

fn bare() -> Result<Process, Failure> {
    Ok(Process::start(Command::new(std::env::current_exe()?).arg("--floor"))?)
}

async fn at_floor(plan: Plan, clients: usize, writers: usize) -> Result<Figures, Failure> {
    let floor = bare()?;
    let book = Rc::new(Book::new(writers));
    let mut members = Vec::new();
    for number in 0..clients {
        let socket = Socket::open(floor.address(), "/ws", None).await?;
        members.push((Member::Floor(socket, number), number < writers));
    }
    run(&floor, plan, clients - 1, book, members).await
}

async fn at_coval(bench: &mut Bench, plan: Plan, clients: usize, writers: usize) -> Result<Figures, Failure> {
    let coval = bench.coval()?;
    let memo = coval.account.memo("Load", &words(2_000))?;
    let book = Rc::new(Book::new(writers));
    let mut members = Vec::new();
    for number in 0..clients {
        let client = coval.client(number, memo, number < writers, &book).await?;
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
async fn broadcast(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### One memo, 10 writers, an insert every 100 ms each\n\n{TITLES}");
    let plan = Plan { every: Duration::from_millis(100), time: bench.options.time(), most: 60_000 };
    for clients in [25, 100, 300] {
        let floor = at_floor(plan, clients, 10).await?;
        print("bare `actix-ws`", clients, &floor);
        let coval = at_coval(bench, plan, clients, 10).await?;
        print("Coval", clients, &coval);
        println!("| times the floor | {clients} | | | {:.2} | | | | |", coval.cpu_per_edit / floor.cpu_per_edit);
    }
    println!(
        "\nAims: 1.25 times the floor at 100 and 300; p99 under 4 ms at 100, under 6 ms at 300; 4,000 bytes a second."
    );
    Ok(())
}

/// A hundred clients at once.
async fn open(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### 100 clients open 100 KB at once\n\n| | median, ms | p95 | last |\n|---|---|---|---|");
    let bare_server = bare()?;
    let address = bare_server.address().to_owned();
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
    let coval = Rc::new(bench.coval()?);
    let memo = coval.account.memo("Load", &words(floor::BLOB))?;
    let book = Rc::new(Book::new(0));
    // Somebody has it open already.
    let _first = coval.client(100, memo, false, &book).await?;
    let tickets = (0..100).map(|_| coval.account.ticket()).collect::<Result<Vec<_>, _>>()?;
    let times = at_once(|number| {
        let (coval, book, ticket) = (Rc::clone(&coval), Rc::clone(&book), tickets[number].clone());
        async move { coval.client_with(&ticket, number, memo, false, &book).await.map(drop) }
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
async fn saturation(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### 25 clients, all writing\n\n{TITLES}");
    let time = bench.options.time();
    for rate in [1_250, 2_500, 5_000] {
        let plan = Plan { every: Duration::from_micros(25_000_000 / rate), time, most: 60_000 };
        print("bare `actix-ws`", 25, &at_floor(plan, 25, 25).await?);
        print("Coval", 25, &at_coval(bench, plan, 25, 25).await?);
    }
    let mut highest = None;
    for rate in [8_000, 10_000, 12_000, 14_000, 17_000, 20_000, 25_000, 30_000] {
        let plan = Plan { every: Duration::from_micros(25_000_000 / rate), time, most: 60_000 };
        let figures = at_coval(bench, plan, 25, 25).await?;
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

/// A thousand on one document.
async fn crowd(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### 1,000 sockets on one memo, 10 writers, an insert every 100 ms each\n\n{TITLES}");
    let plan = Plan { every: Duration::from_millis(100), time: bench.options.time(), most: 60_000 };
    print("bare `actix-ws`", 1_000, &at_floor(plan, 1_000, 10).await?);
    print("Coval", 1_000, &at_coval(bench, plan, 1_000, 10).await?);
    println!("\nAim: p99 under 250 ms.");
    Ok(())
}

/// A thousand documents.
async fn documents(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### 1,000 memos, 2 writers each, an insert every 4 s each\n\n{TITLES}");
    let coval = bench.coval()?;
    let book = Rc::new(Book::new(2_000));
    let mut members = Vec::new();
    for number in 0..1_000 {
        let memo = coval.account.memo(&format!("Load {number}"), &words(2_000))?;
        for number in [2 * number, 2 * number + 1] {
            members.push((Member::Coval(Box::new(coval.client(number, memo, true, &book).await?)), true));
        }
    }
    let plan = Plan { every: Duration::from_secs(4), time: bench.options.time(), most: 60_000 };
    print("Coval", 2_000, &run(&coval.process, plan, 1, book, members).await?);
    println!("\nAim: p99 under 250 ms.");
    Ok(())
}

/// What a socket takes that says nothing.
async fn idle(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### 1,000 idle sockets in one memo\n\n| | memory, MB | KB a socket |\n|---|---|---|");
    let coval = bench.coval()?;
    let memo = coval.account.memo("Load", &words(2_000))?;
    let book = Rc::new(Book::new(0));
    let all = tokio::task::LocalSet::new();
    let (before, after) = all
        .run_until(async {
            let mut before = 0;
            for number in 0..=1_000 {
                let mut client = coval.client(number, memo, false, &book).await?;
                // What comes when others come is taken, as browsers do.
                tokio::task::spawn_local(async move { while client.hear().await.is_ok() {} });
                if number == 0 {
                    before = coval.process.memory_kb();
                }
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
            Ok::<_, Failure>((before, coval.process.memory_kb()))
        })
        .await?;
    println!("| before | {:.1} | |", before as f64 / 1_024.0);
    println!("| with them | {:.1} | {:.1} |", after as f64 / 1_024.0, after.saturating_sub(before) as f64 / 1_000.0);
    println!("\nAim: 30 KB a socket.");
    Ok(())
}

/// Opening what has a long history, by a server that has just begun.
async fn history(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### Opening a memo with a long history\n");
    println!("| revisions | first time, ms | again, ms | database, MB |\n|---|---|---|---|");
    for wanted in [2_600, 260_000] {
        let database = bench.database();
        let coval = bench.coval_on(&database)?;
        let memo = coval.account.memo("Load", &words(2_000))?;
        let revisions = grow(&coval, memo, wanted).await?;
        drop(coval);
        let (mut cold, mut warm) = (Vec::new(), Vec::new());
        for number in 0..9 {
            let coval = bench.coval_on(&database)?;
            let book = Rc::new(Book::new(0));
            for (times, number) in [(&mut cold, 100 + number), (&mut warm, 200 + number)] {
                let ticket = coval.account.ticket()?;
                let socket = coval.socket(number, &ticket).await?;
                let begun = Instant::now();
                coval.enter(socket, number, memo, false, &book).await?;
                times.push(begun.elapsed().as_micros() as u32);
            }
        }
        cold.sort_unstable();
        warm.sort_unstable();
        let bytes = std::fs::metadata(&database).map(|file| file.len()).unwrap_or_default();
        let (cold, warm) = (percentile(&cold, 50.0), percentile(&warm, 50.0));
        println!("| {revisions} | {cold:.1} | {warm:.1} | {:.1} |", bytes as f64 / 1e6);
    }
    println!("\nAim: under 30 ms, the same with both.");
    Ok(())
}

/// Has 25 clients write until the memo has `wanted` revisions, or for two minutes.
async fn grow(coval: &Coval, memo: uuid::Uuid, wanted: u64) -> Result<u64, Failure> {
    const CLIENTS: usize = 25;
    let book = Rc::new(Book::new(CLIENTS));
    let all = tokio::task::LocalSet::new();
    let until = Instant::now() + Duration::from_secs(120);
    let mut tasks = Vec::new();
    for number in 0..CLIENTS {
        let mut client = coval.client(number, memo, true, &book).await?;
        tasks.push(all.spawn_local(async move {
            while client.revision() < wanted && Instant::now() < until {
                if client.is_synchronized() {
                    client.write(5_000).await?;
                }
                client.hear().await?;
            }
            Ok::<_, Failure>(client.revision())
        }));
    }
    all.run_until(async {
        let mut newest = 0;
        for task in tasks {
            newest = newest.max(tokio::time::timeout(Duration::from_secs(150), task).await???);
        }
        Ok(newest)
    })
    .await
}

/// Lists over many documents.
fn lists(bench: &mut Bench) -> Result<(), Failure> {
    println!("\n### Lists over many documents, over HTTP\n");
    let (database, count) = (bench.database(), bench.options.documents);
    // The server makes its tables and the demo, and then makes room for what comes past it.
    drop(bench.coval_on(&database)?);
    many::add(&database, count)?;
    let coval = bench.coval_on(&database)?;
    let account = &coval.account;
    println!("{count} memos.\n\n| | p50, ms | p95 | p99 | entries |\n|---|---|---|---|---|");
    let newest = account.get("/api/documents?limit=1")?;
    let one = newest["items"][0]["id"].as_str().unwrap_or_default().to_owned();
    let workspace = newest["items"][0]["workspace"].as_str().unwrap_or_default().to_owned();
    let deep = |path: &str| {
        let mut cursor = String::new();
        for _ in 0..40 {
            let page = account.get(&format!("{path}&limit=200{cursor}"))?;
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        Ok::<_, Failure>(format!("{path}{cursor}"))
    };
    for (name, path) in [
        ("the first page of 50, the last edited first", "/api/documents?".to_owned()),
        ("the newest first", "/api/documents?sort=created".to_owned()),
        ("by title", "/api/documents?sort=title".to_owned()),
        ("the archive", "/api/documents?archived=true".to_owned()),
        ("memos of one workspace", format!("/api/documents?kind=memo&workspace={workspace}")),
        ("after 8,000 others", deep("/api/documents?")?),
        ("after 8,000 others, by title", deep("/api/documents?sort=title")?),
        ("titles with what all have: memo", "/api/documents?q=memo".to_owned()),
        ("titles with one letter: m", "/api/documents?q=m".to_owned()),
        ("titles with what a tenth has: growth", "/api/documents?q=growth".to_owned()),
        ("the same by title, after 2,000 others", deep("/api/documents?sort=title&q=growth")?),
        ("titles with a number that begins so: 123", "/api/documents?q=123".to_owned()),
        ("titles with two words of one: 77777 rates", "/api/documents?q=77777%20rat".to_owned()),
        ("titles with what none has", "/api/documents?q=zebra".to_owned()),
        ("search for what half of the texts have: terminal", "/api/search?q=terminal".to_owned()),
        ("search for the beginning of it: termi", "/api/search?q=termi".to_owned()),
        ("search for one letter: t", "/api/search?q=t".to_owned()),
        ("search for what twenty texts have: of4321", "/api/search?q=of4321".to_owned()),
        ("search for two words: terminal of4322", "/api/search?q=terminal%20of4322".to_owned()),
        ("the state of the workspace", format!("/api/workspace/{workspace}/status")),
        ("one document, with its rights checked", format!("/api/document/{one}")),
        ("whether the server is well, without rights", "/health".to_owned()),
    ] {
        let mut times = Vec::new();
        let mut entries = 0;
        for _ in 0..200 {
            let begun = Instant::now();
            match account.get(&path) {
                Ok(answer) => entries = answer["items"].as_array().map_or(0, Vec::len),
                Err(error) => {
                    println!("| {name} | {error} | | | |");
                    break;
                }
            }
            times.push(begun.elapsed().as_micros() as u32);
        }
        times.sort_unstable();
        let at = |percent| percentile(&times, percent);
        println!("| {name} | {:.2} | {:.2} | {:.2} | {entries} |", at(50.0), at(95.0), at(99.0));
    }
    println!("\nAim: p95 under 10 ms with 100,000 documents.");
    Ok(())
}
