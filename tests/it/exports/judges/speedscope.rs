//! speedscope's files, as strictly as its format is meant: events in order, and inside each other,
//! which its own schema does not look at.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "$schema")]
    schema: String,
    exporter: String,
    shared: Shared,
    profiles: Vec<Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    frames: Vec<Frame>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Profile {
    r#type: String,
    name: String,
    unit: String,
    start_value: u64,
    end_value: u64,
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    r#type: String,
    frame: usize,
    at: u64,
}

pub(in super::super) fn speedscope(out: &[u8]) -> Result<(), String> {
    crate::fmt::harm_of_json(out)?;
    let file: File = serde_json::from_slice(out).map_err(|error| error.to_string())?;
    let is_named = file
        .shared
        .frames
        .iter()
        .all(|frame| !frame.name.is_empty());
    if file.schema != "https://www.speedscope.app/file-format-schema.json"
        || file.exporter.is_empty()
        || !is_named
    {
        return Err("the head".to_owned());
    }
    for profile in &file.profiles {
        let wrong = |what: &str| Err(format!("{what} of {}", profile.name));
        if profile.r#type != "evented" || profile.unit != "nanoseconds" || profile.events.is_empty()
        {
            return wrong("the kind");
        }
        let mut at = profile.start_value;
        let mut open = Vec::new();
        for event in &profile.events {
            if event.at < at
                || event.at > profile.end_value
                || event.frame >= file.shared.frames.len()
            {
                return wrong("an event");
            }
            at = event.at;
            match event.r#type.as_str() {
                "O" => open.push(event.frame),
                "C" if open.pop() == Some(event.frame) => {}
                _ => return wrong("an end"),
            }
        }
        if !open.is_empty() {
            return wrong("the end");
        }
    }
    Ok(())
}
