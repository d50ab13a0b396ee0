//! Runs a program on one record after the other.

use std::{cell::RefCell, sync::Arc};

use jaq_core::{Ctx, Filter, Vars};
use jaq_json::Val;

use super::{
    fault::message,
    functions::{Frame, Kind, Patterns},
    meter::Meter,
    read::read,
    same::same,
    write::write,
};
use crate::record::trim;

/// A program at work, in one thread.
pub struct Runner {
    filter: Arc<Filter<Kind>>,
    variables: Vec<Val>,
    patterns: RefCell<Patterns>,
}

impl Runner {
    pub(super) fn new(filter: Arc<Filter<Kind>>, variables: Vec<Val>) -> Self {
        Self {
            filter,
            variables,
            patterns: RefCell::default(),
        }
    }

    /// Appends what the program makes of the record on `line` to `out`: a line for each
    /// result, in the bytes of the record if the result is the record.
    ///
    /// # Errors
    /// Why there is no result. What was appended to `out` then means nothing.
    pub fn run(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        let meter = Meter::new(line.len());
        let record = read(trim(line)).map_err(|error| error.to_string())?;
        let frame = Frame {
            lut: &self.filter.lut,
            meter: &meter,
            patterns: &self.patterns,
        };
        let context = Ctx::<Kind>::new(&frame, Vars::new(self.variables.iter().cloned()));
        let most = out.len() + meter.length;
        for result in self.filter.id.run((context, record.clone())) {
            // A program may have caught its own error, but not that one.
            if let Some(reason) = meter.exceeded() {
                return Err(reason.to_owned());
            }
            match result {
                Ok(value) if same(&value, &record) => out.extend_from_slice(line),
                Ok(value) => write(&value, out, most)?,
                Err(exception) => {
                    return Err(match exception.get_err() {
                        Ok(error) => message(error, &record),
                        // Nothing that could halt is there, and labels are checked before.
                        Err(_) => "the program ended".to_owned(),
                    });
                }
            }
            out.push(b'\n');
            if out.len() > most {
                return Err("the results are too long".to_owned());
            }
        }
        match meter.exceeded() {
            Some(reason) => Err(reason.to_owned()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::jq::{Program, Variables};

    /// What a program makes of a record: its lines, or why there are none.
    fn run(program: &str, line: &[u8]) -> String {
        let program = Program::compile(program, &Variables::default());
        let mut runner = program.unwrap_or_else(|error| panic!("{error}")).runner();
        let mut out = Vec::new();
        match runner.run(line, &mut out) {
            Ok(()) => String::from_utf8_lossy(&out).trim_end().to_owned(),
            Err(reason) => format!("! {reason}"),
        }
    }

    #[test]
    fn results() {
        let check = |program: &str, line: &str, expect: &str| {
            assert_eq!(run(program, line.as_bytes()), expect, "{program}");
        };
        check(".", r#"{"a": 1.0}"#, r#"{"a": 1.0}"#);
        check(".a", r#"{"a": 1.0}"#, "1.0");
        check("select(.a > 1)", r#"{"a":1.0}"#, "");
        check("., .a", r#"{"a" :2}"#, "{\"a\" :2}\n2");
        check(
            ".b = \"x\\(.a)\" | .c += 1 | del(.a)",
            r#"{"a":1.0,"d":NaN,"e":1.10,"f":{"\ud800":-0}}"#,
            r#"{"d":NaN,"e":1.10,"f":{"\ud800":-0},"b":"x1.0","c":1}"#,
        );
        check("del(.a)", r#"{"a":1,"b":2,"c":3}"#, r#"{"b":2,"c":3}"#);
        check(".a.b[1].c = 1", "{}", r#"{"a":{"b":[null,{"c":1}]}}"#);
        check(".a | @base64d", r#"{"a":"eyJhIjoxfQ"}"#, r#""{\"a\":1}""#);
        check(".a | @base64d", r#"{"a":"YQ=="}"#, "\"a\"");
        check(".a | index(\"x\"), rindex(\"x\")", "{}", "null\nnull");
        check(".a | index(\"x\"), rindex(\"x\")", r#"{"a":"axx"}"#, "1\n2");
        check(
            "[.a | flatten, flatten(1)]",
            r#"{"a":[1,[[2]],[]]}"#,
            "[[1,2],[1,[2]]]",
        );
        check(
            "[.a | flatten, flatten(0)]",
            r#"{"a":{"b":[1],"c":2}}"#,
            "[[1,2],[[1],2]]",
        );
        check(
            "[.a | test(\"B\"), test(\"B\"; \"i\"), test([\"B\", \"i\"]), test(\"x*\"), test(\"x*\"; \"n\")]",
            r#"{"a":"abc"}"#,
            "[false,true,true,true,false]",
        );
        check(".a | tonumber", r#"{"a":" 1.50 "}"#, "1.50");
        check("$ARGS", "{}", r#"{"positional":[],"named":{}}"#);
    }

    #[test]
    fn reasons_why_there_is_none() {
        let check = |program: &str, line: &str, expect: &str| {
            assert_eq!(
                run(program, line.as_bytes()),
                format!("! {expect}"),
                "{program}"
            );
        };
        check(". + 1", r#"{"a":1.0}"#, r#"cannot calculate {"a":1.0} + 1"#);
        check(
            ".a.b",
            r#"{"a":1.0}"#,
            r#"cannot index a number with "b": 1.0"#,
        );
        check("error(\"no \\(.a)\\u001b\")", r#"{"a":"x"}"#, "no x ");
        check(".a | error", r#"{"a":["x"]}"#, r#"["x"]"#);
        check(
            "select(.a == error)",
            r#"{"a":"x"}"#,
            "error was called with the whole record; as a text it is written \"error\"",
        );
        check(
            ".a | tonumber",
            r#"{"a":"12 apples"}"#,
            "tonumber: no number: \"12 apples\"",
        );
        check(".a | tonumber", r#"{"a":[1]}"#, "tonumber: no number: [1]");
        check(
            ".a | @base64d",
            r#"{"a":"a*b"}"#,
            "@base64d: no base64: \"a*b\"",
        );
        check(
            ".a | test(\"(\")",
            r#"{"a":"x"}"#,
            "bad pattern \"(\": unclosed group",
        );
        check(
            ".a | test(\"x\"; \"q\")",
            r#"{"a":"x"}"#,
            "no flags of a pattern: \"q\"",
        );
        check(
            "{(.a): 1}",
            r#"{"a":1}"#,
            "object keys must be strings, not 1",
        );
        check(
            ".a | fromjson",
            r#"{"a":"[1"}"#,
            "no JSON: expected ',' or ']' in column 3",
        );
        check("try error catch .", "[1", "expected ',' or ']' in column 3");
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
        assert!(run(". + 1", long.as_bytes()).len() < 200);
    }
}
