//! `dl-recv --merge --sorted`, with and without a time: files that are in order or nearly so are put together while
//! they are read.

use super::*;

proptest! {
    #![proptest_config(tries(40))]
    #[test]
    fn files_in_order_come_out_the_same_while_they_are_read(case in cases(), jobs in 1..4_u32) {
        come_out_while_they_are_read(case, "--sorted", jobs, |lines, _| lines)?;
    }
}

/// Reads files, which `arrange` makes of files in order, with a flag that puts them together while they are
/// read. One of them comes over a pipe.
fn come_out_while_they_are_read(
    mut case: Case,
    flag: &str,
    jobs: u32,
    arrange: fn(Lines, &mut Rng) -> Lines,
) -> Result<(), TestCaseError> {
    for (order, _) in &mut case.files {
        *order = Order::Sorted;
    }
    let mut rng = Rng::new(case.seed);
    let files: Vec<_> = (0..case.files.len())
        .map(|n| {
            let lines = lines(&case, n, &mut rng);
            arrange(lines, &mut rng)
        })
        .collect();
    let dir = Dir::new();
    let mut paths = write(&dir, &files, &mut rng);
    let piped = rng.below(paths.len());
    let input = fs::read(std::mem::replace(&mut paths[piped], "-".into())).expect("a file");
    for pass in [true, false] {
        let foreign = if pass { "pass" } else { "drop" };
        let ran = program("dl-recv")
            .args(&[
                "--merge",
                flag,
                "--foreign",
                foreign,
                "--jobs",
                &jobs.to_string(),
            ])
            .files(&paths)
            .stdin(&input)
            .run();
        let expect = expected(&files, pass);
        let text = String::from_utf8(ran.stdout).expect("UTF-8");
        let differs = text.lines().zip(expect.lines()).position(|(a, b)| a != b);
        prop_assert!(
            text == expect && ran.status == 0,
            "line {differs:?}: {}",
            ran.stderr
        );
    }
    Ok(())
}

/// Puts off each record by up to so many nanoseconds, with the lines behind it that have no time.
fn put_off(lines: Lines, most: usize, rng: &mut Rng) -> Lines {
    let mut blocks: Vec<(i64, Lines)> = Vec::new();
    for (time, line) in lines {
        if time.is_none()
            && let Some((_, block)) = blocks.last_mut()
        {
            block.push((time, line));
            continue;
        }
        let off = i64::try_from(rng.below(most + 1)).expect("small");
        let key = time.map_or(i64::MIN, |time| time + off);
        blocks.push((key, vec![(time, line)]));
    }
    blocks.sort_by_key(|(time, _)| *time);
    blocks.into_iter().flat_map(|(_, block)| block).collect()
}

proptest! {
    #![proptest_config(tries(40))]
    #[test]
    fn files_nearly_in_order_are_put_right_while_they_are_read(case in cases(), jobs in 1..4_u32) {
        come_out_while_they_are_read(case, "--sorted=2.5s", jobs, |lines, rng| put_off(lines, 2_500_000_000, rng))?;
    }
}

#[test]
fn what_memory_does_not_hold_back_is_told() {
    let dir = Dir::new();
    let pad = "x".repeat(10_000);
    let mut text = String::new();
    for number in 0..300 {
        let _ = writeln!(text, "{{\"ts\":{},\"p\":\"{pad}\"}}", 1_000 + number);
    }
    text += "{\"ts\":1000}\n";
    let file = dir.file("in", &text);
    let run = |memory: &str| {
        program("dl-recv")
            .args(&["--merge", "--sorted=1h", "--memory", memory])
            .arg(&file)
            .run()
    };
    let ran = run("2MiB");
    let place = file.display();
    let told = format!(
        "dl-recv: {place} is not in order: record 301 is earlier than what could be held back\n\
         dl-recv: use --memory BYTES to hold more, or leave out --sorted\n"
    );
    assert_eq!((ran.status, &*ran.stderr), (2, &*told));
    assert_eq!(newlines(&ran.stdout), 301);
    let ran = run("8MiB");
    assert_eq!((ran.status, &*ran.stderr), (0, ""));
    let came = String::from_utf8(ran.stdout).expect("UTF-8");
    assert_eq!(
        came.lines().position(|line| line == "{\"ts\":1000}"),
        Some(1)
    );
}
