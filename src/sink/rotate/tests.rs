//! The turns of files, with a clock in hand.

use std::collections::BTreeMap;

use super::*;

struct World {
    dir: tempfile::TempDir,
    name: &'static str,
    sink: RotatingSink,
}

fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a time")
}

fn world(name: &'static str, rotation: Rotation) -> World {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join(name);
    let say = Box::new(|words| panic!("{words}"));
    let mut sink = RotatingSink::open(&path, rotation, say).expect("opened");
    // The file of the real time is none of the test's.
    if let Some(current) = sink.current.take() {
        fs::remove_file(current.path).expect("removed");
    }
    World { dir, name, sink }
}

impl World {
    fn write(&mut self, lines: &str, time: &str) {
        self.sink
            .write_at(lines.as_bytes(), at(time))
            .expect("written");
    }

    fn files(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.dir.path()).expect("a folder");
        entries
            .map(|entry| {
                let entry = entry.expect("an entry");
                let bytes = fs::read(entry.path()).expect("readable");
                let bytes = match Packing::of(Path::new(self.name)) {
                    Packing::None => bytes,
                    Packing::Gzip => {
                        let mut text = Vec::new();
                        let mut decoder = flate2::read::MultiGzDecoder::new(&bytes[..]);
                        io::Read::read_to_end(&mut decoder, &mut text).expect("whole");
                        text
                    }
                    Packing::Zstd => zstd::decode_all(&bytes[..]).expect("whole"),
                };
                let name = entry.file_name().into_string().expect("UTF-8");
                (name, String::from_utf8(bytes).expect("UTF-8"))
            })
            .collect()
    }

    #[track_caller]
    fn check(&self, expect: &[(&str, &str)]) {
        let expect = expect
            .iter()
            .map(|&(name, text)| (name.into(), text.into()));
        assert_eq!(self.files(), expect.collect());
    }
}

#[test]
fn a_name_turns_with_the_time() {
    let mut world = world("a-%H.ndjson", Rotation::default());
    world.write("1\n", "2026-11-28T12:59:59+01:00");
    world.write("2\n", "2026-11-28T13:00:00+01:00");
    world.write("3\n", "2026-11-28T13:59:00+01:00");
    world.check(&[("a-12.ndjson", "1\n"), ("a-13.ndjson", "2\n3\n")]);
}

#[test]
fn a_size_that_is_reached_turns_to_a_number() {
    for name in ["a-%d.ndjson", "a-%d.ndjson.gz", "a-%d.ndjson.zst"] {
        let size = Some(4);
        let mut world = world(name, Rotation { size, keep: vec![] });
        for line in ["111\n", "222\n", "333\n"] {
            world.write(line, "2026-11-28T12:00:00Z");
            world.sink.flush().expect("flushed");
        }
        let name = |number: &str| name.replace("%d", &format!("28{number}"));
        world.check(&[
            (&name(""), "111\n"),
            (&name(".1"), "222\n"),
            (&name(".2"), "333\n"),
        ]);
    }
}

#[test]
fn what_is_compressed_is_whole_after_each_flush() {
    let mut world = world("a.ndjson.zst", Rotation::default());
    let time = "2026-11-28T12:00:00Z";
    world.write("1\n", time);
    world.check(&[("a.ndjson.zst", "")]);
    world.sink.flush().expect("flushed");
    world.write("2\n", time);
    world.check(&[("a.ndjson.zst", "1\n")]);
    world.sink.finish().expect("finished");
    world.check(&[("a.ndjson.zst", "1\n2\n")]);
}

#[test]
fn a_compressed_file_can_be_read_before_its_first_record_and_is_gone_on_with() {
    for name in ["a.ndjson.gz", "a.ndjson.zst"] {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(name);
        let open = || {
            let say = Box::new(|words| panic!("{words}"));
            RotatingSink::open(&path, Rotation::default(), say).expect("opened")
        };
        drop(open());
        let mut sink = open();
        let world = World {
            dir,
            name,
            sink: open(),
        };
        world.check(&[(name, "")]);
        sink.write(b"1\n").expect("written");
        sink.finish().expect("finished");
        world.check(&[(name, "1\n")]);
    }
}

#[test]
fn only_so_many_files_are_kept() {
    let keep = vec![Keep::Count(2)];
    let mut world = world("a-%M.ndjson", Rotation { size: None, keep });
    fs::write(world.dir.path().join("a-xx.ndjson"), "mine").expect("written");
    for minute in 10..15 {
        world.write(
            &format!("{minute}\n"),
            &format!("2026-11-28T12:{minute}:00Z"),
        );
    }
    world.check(&[
        ("a-13.ndjson", "13\n"),
        ("a-14.ndjson", "14\n"),
        ("a-xx.ndjson", "mine"),
    ]);
}

#[test]
fn old_files_go() {
    let keep = vec![Keep::Age(Duration::from_secs(3_600))];
    let mut world = world("a-%M.ndjson", Rotation { size: None, keep });
    for (name, hours) in [("a-01.ndjson", 2), ("a-02.ndjson", 0)] {
        let file = File::create(world.dir.path().join(name)).expect("created");
        let age = Duration::from_secs(hours * 3_600 + 60);
        file.set_modified(std::time::SystemTime::now() - age)
            .expect("aged");
    }
    world.write("1\n", "2026-11-28T12:03:00Z");
    world.check(&[("a-02.ndjson", ""), ("a-03.ndjson", "1\n")]);
}

#[test]
fn a_file_that_loses_its_name_is_begun_anew() {
    for name in ["logs/a.ndjson", "logs/a.ndjson.gz", "logs/a.ndjson.zst"] {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(name);
        let rotation = Rotation {
            size: Some(1 << 20),
            keep: vec![],
        };
        let say = Box::new(|words| panic!("{words}"));
        let mut sink = RotatingSink::open(&path, rotation, say).expect("opened");
        let mut write = |line: &str| {
            sink.write(line.as_bytes()).expect("written");
            sink.flush().expect("flushed");
            fs::metadata(&path).map_or(0, |file| file.len())
        };
        let long = write("1\n");
        let moved = dir.path().join("moved");
        fs::rename(&path, &moved).expect("renamed");
        assert_eq!(write("1\n"), long, "{name}: renamed");
        assert_eq!(fs::metadata(&moved).expect("a file").len(), long, "{name}");
        fs::remove_dir_all(dir.path().join("logs")).expect("removed");
        assert_eq!(write("1\n"), long, "{name}: deleted with its folder");
    }
}
