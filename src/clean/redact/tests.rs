//! Tables of lines, what is to be redacted in them, and what has to come out.

use super::*;
use crate::clean::HashKey;

fn redact(what: &str, with: Replacement, line: &str) -> String {
    let mut redactor = Redactor::parse(&[what], with).expect("rules");
    let mut out = Vec::new();
    redactor
        .redact(line.as_bytes(), &mut out)
        .expect("a record");
    let text = String::from_utf8(out).expect("text");
    // What is redacted once is not redacted again.
    let mut again = Vec::new();
    let more = redactor
        .redact(text.as_bytes(), &mut again)
        .expect("a record");
    assert_eq!((more, again), (0, text.clone().into_bytes()), "{line}");
    text
}

fn check(what: &str, line: &str, expect: &str) {
    let with = Replacement::Text("X".to_owned());
    let (expect, count) = match expect.rsplit_once(" *") {
        Some((expect, count)) => (expect, format!(",\"dl\":{{\"redacted\":{count}}}}}")),
        None => (expect, String::new()),
    };
    let whole = match count.as_str() {
        "" => expect.to_owned(),
        count => expect[..expect.len() - 1].to_owned() + count,
    };
    assert_eq!(redact(what, with, line), whole, "{what}: {line}");
}

#[test]
fn keys_at_any_depth() {
    check("password", r#"{"a":1}"#, r#"{"a":1}"#);
    check("password", r#"{"password":"p"}"#, r#"{"password":"X"} *1"#);
    check(
        "password",
        r#"{ "a" : [ { "PassWord" : [1,{"b":"}"}] } , 1.50 ] }"#,
        r#"{ "a" : [ { "PassWord" : "X" } , 1.50 ] } *1"#,
    );
    check(
        "password",
        r#"{"password":1,"password":null,"p\u0061ssword":{}}"#,
        r#"{"password":"X","password":"X","p\u0061ssword":"X"} *3"#,
    );
    check(
        "*token*",
        r#"{"AccessTokens":[],"x":"token"}"#,
        r#"{"AccessTokens":"X","x":"token"} *1"#,
    );
    check(
        "*",
        r#"{"dl":{"recv":1},"a":2}"#,
        r#"{"dl":{"recv":"X","redacted":2},"a":"X"}"#,
    );
}

#[test]
fn paths_go_through_arrays_and_dotted_keys() {
    let check = |line: &str, expect: &str| check(".a.b", line, expect);
    check(
        r#"{"a":{"b":1,"c":{"b":2}},"b":3}"#,
        r#"{"a":{"b":"X","c":{"b":2}},"b":3} *1"#,
    );
    check(
        r#"{"a":[{"b":1},[{"b":{}}],7]}"#,
        r#"{"a":[{"b":"X"},[{"b":"X"}],7]} *2"#,
    );
    check(r#"{"a.b":1,"A":{"b":2}}"#, r#"{"a.b":"X","A":{"b":2}} *1"#);
    check(
        r#"{"a":1,"c":{"a":{"b":2}}}"#,
        r#"{"a":1,"c":{"a":{"b":2}}}"#,
    );
    check(
        r#"{"x":[{"a":{}}],"a":{"b":1}}"#,
        r#"{"x":[{"a":{}}],"a":{"b":"X"}} *1"#,
    );
    super::tests::check(".a[1]", r#"{"a":[1,2,3]}"#, r#"{"a":[1,"X",3]} *1"#);
    super::tests::check(
        ".a[1].b",
        r#"{"a":[{"b":1},{"b":2}]}"#,
        r#"{"a":[{"b":1},{"b":"X"}]} *1"#,
    );
}

#[test]
fn parts_of_texts_keys_and_numbers() {
    check(
        "pattern:email",
        r#"{"m":"to a@b.cd, e@f.gh"}"#,
        r#"{"m":"to X, X"} *2"#,
    );
    check("pattern:email", r#"{"a@b.cd":1}"#, r#"{"X":1} *1"#);
    check("card", r#"{"n":4111111111111111}"#, r#"{"n":"X"} *1"#);
    check(
        "card",
        r#"{"n":[4.111111111111111e15,-1]}"#,
        r#"{"n":["X",-1]} *1"#,
    );
    check(
        "pattern:card",
        r#"{"m":"\t4111\u00201111-1111\u0020 4111\u00201111\u002011\u00311\u00201111\n"}"#,
        r#"{"m":"\t4111\u00201111-1111\u0020 X\n"} *1"#,
    );
    check(
        "/b(.)/",
        r#"{"m":"abcb\ud83c\udf89"}"#,
        r#"{"m":"abXbX"} *2"#,
    );
    check("/x*/", r#"{"m":"axxb"}"#, r#"{"m":"aXb"} *1"#);
    check(
        "email,/a@b/",
        r#"{"email":"a@b.cd","m":"a@b.cd"}"#,
        r#"{"email":"X","m":"X"} *2"#,
    );
}

#[test]
fn ids_are_no_cards() {
    check(
        "card",
        r#"{"trace_id":"4111111111111111","span_id":"4111111111111111","user":"4111111111111111"}"#,
        r#"{"trace_id":"4111111111111111","span_id":"4111111111111111","user":"X"} *1"#,
    );
    check(
        "card,trace_id",
        r#"{"trace_id":"4111111111111111"}"#,
        r#"{"trace_id":"X"} *1"#,
    );
}

#[test]
fn a_hash_joins_what_is_equal() {
    let key = HashKey::new(b"0123456789abcdef").expect("a key");
    let hashed = |what: &str, line: &str| redact(what, Replacement::Hash(key.clone()), line);
    let text = hashed(
        "key:u,pattern:card",
        r#"{"u":"4111111111111111","m":"a 4111-1111 4111-1111-1111-1111 b","n":4111111111111111,"o":4.111111111111111E+15,"p":{"u":[1]}}"#,
    );
    let first = &text[r#"{"u":""#.len()..][.."[sha256:0123456789abcdef]".len()];
    assert_eq!(text.matches(first).count(), 4, "{text}");
    assert_eq!(text.matches("[sha256:").count(), 5, "{text}");
    assert_eq!(
        hashed("u", r#"{"u":"a\u0062"}"#).replace(r"\u0062", "b"),
        hashed("u", r#"{"u":"ab"}"#)
    );
}

#[test]
fn a_card_or_an_account_has_one_hash_however_it_is_written_and_found() {
    let key = HashKey::new(b"0123456789abcdef").expect("a key");
    let hashed = |what: &str, line: &str| redact(what, Replacement::Hash(key.clone()), line);
    let check = |line: &str, count: usize| {
        let text = hashed("card,iban", line);
        let first = &text[text.find("[sha256:").expect("a hash")..][..25];
        assert_eq!(text.matches(first).count(), count, "{text}");
    };
    check(
        r#"{"card":"4111 1111 1111 1111","a":"4111-1111-1111-1111","x":{"card":4111111111111111},"y":{"card":"4111\u00201111 1111 1111 "},"z":[{"card":4.111111111111111e15}]}"#,
        5,
    );
    check(
        r#"{"iban":"GB82 WEST 1234 5698 7654 32","a":"gb82west12345698765432","x":{"iban":"GB82WEST12345698765432"}}"#,
        3,
    );
    // A card in a longer text is not the value.
    let text = hashed(
        "key:card",
        r#"{"card":"a 4111111111111111","b":{"card":"4111111111111111"}}"#,
    );
    assert_ne!(text[9..34], text[text.len() - 60..][..25], "{text}");
}

#[test]
fn keys_of_aws_are_found_by_their_names_too() {
    for key in [
        "secret_access_key",
        "aws_secret_access_key",
        "AWS_SECRET_ACCESS_KEY",
        "SecretAccessKey",
        "secretAccessKey",
        "awsSecretKey",
        "SessionToken",
        "aws_session_token",
        "X-Amz-Security-Token",
    ] {
        let line = format!(r#"{{"aws":{{"{key}":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}}}}"#);
        let expect = format!(r#"{{"aws":{{"{key}":"X"}}}} *1"#);
        check("aws-key", &line, &expect);
        check("pattern:aws-key", &line, &expect);
    }
    check(
        "aws-key",
        r#"{"secret":1,"key":2}"#,
        r#"{"secret":1,"key":2}"#,
    );
    check(
        "key:aws-key",
        r#"{"SessionToken":1}"#,
        r#"{"SessionToken":1}"#,
    );
}

#[test]
fn a_member_may_be_a_pair_of_its_name_and_its_value() {
    let check = |line: &str, expect: &str| check("password,*token*", line, expect);
    // OTLP, whose readers want an object around the value.
    check(
        r#"{"attributes":[{"key":"password","value":{"stringValue":"hunter2"}},{"key":"n","value":{"intValue":"1"}}]}"#,
        r#"{"attributes":[{"key":"password","value":{"stringValue":"X"}},{"key":"n","value":{"intValue":"1"}}]} *1"#,
    );
    check(
        r#"{"a":[{"key":"PASSWORD","value":{"intValue":"7"}},{"key":"x","value":{"kvlistValue":{"values":[{"key":"my_token","value":{"arrayValue":{"values":[{"boolValue":true}]}}}]}}}]}"#,
        r#"{"a":[{"key":"PASSWORD","value":{"stringValue":"X"}},{"key":"x","value":{"kvlistValue":{"values":[{"key":"my_token","value":{"stringValue":"X"}}]}}}]} *2"#,
    );
    // Jaeger's UI, its API, and Zipkin before version 2.
    check(
        r#"{"tags":[{"key":"password","type":"string","value":"p"},{"key":"token","type":"int64","value":7}]}"#,
        r#"{"tags":[{"key":"password","type":"string","value":"X"},{"key":"token","type":"int64","value":"X"}]} *2"#,
    );
    check(
        r#"{"tags":[{"key":"password","vType":"STRING","vStr":"p"},{"vInt64":7,"key":"token"}]}"#,
        r#"{"tags":[{"key":"password","vType":"STRING","vStr":"X"},{"vInt64":"X","key":"token"}]} *2"#,
    );
    // Headers, dictionaries of .NET, lists of short names.
    check(
        r#"{"headers":[{"name":"X-Token","value":"p"},{"Value":{"a":1},"Key":"password"},{"k":"token","v":null}]}"#,
        r#"{"headers":[{"name":"X-Token","value":"X"},{"Value":"X","Key":"password"},{"k":"token","v":"X"}]} *3"#,
    );
    // The order is nothing, and no escape hides it.
    check(
        r#"{"a":{"v\u0061lue":{"key":"password","value":1},"k\u0065y":"p\u0061ssword"}}"#,
        r#"{"a":{"v\u0061lue":"X","k\u0065y":"p\u0061ssword"}} *1"#,
    );
    // What is named is another object, or the record.
    check(
        r#"{"name":"token","value":1,"a":[{"key":"x","b":{"key":"password"},"value":2}],"key":["password"]}"#,
        r#"{"name":"token","value":1,"a":[{"key":"x","b":{"key":"password"},"value":2}],"key":["password"]}"#,
    );
    super::tests::check(
        ".tags.a.b",
        r#"{"tags":[{"key":"a.b","value":1},{"value":2,"key":"b"}],"x":[{"key":"a.b","value":3}]}"#,
        r#"{"tags":[{"key":"a.b","value":"X"},{"value":2,"key":"b"}],"x":[{"key":"a.b","value":3}]} *1"#,
    );
}

#[test]
fn a_pair_has_the_hash_of_a_member() {
    let key = HashKey::new(b"0123456789abcdef").expect("a key");
    let text = redact(
        "u",
        Replacement::Hash(key),
        r#"{"u":"7","a":[{"key":"u","value":{"intValue":"7"}},{"key":"u","value":{"stringValue":"7"}},{"key":"u","value":7}]}"#,
    );
    let first = &text[r#"{"u":""#.len()..][.."[sha256:0123456789abcdef]".len()];
    assert_eq!(text.matches(first).count(), 4, "{text}");
}

#[test]
fn values_that_are_no_objects() {
    let check = |what: &str, line: &str, expect: &str| {
        let with = Replacement::Text("X".to_owned());
        let mut redactor = Redactor::parse(&[what], with).expect("rules");
        let mut out = Vec::new();
        let count = redactor.redact_value(line.as_bytes(), &mut out);
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, expect, "{what}: {line}");
        assert_eq!(count, expect.matches('X').count(), "{what}: {line}");
    };
    check("card", "4111111111111111", "\"X\"");
    check("card", r#" "no 4111 1111 1111 1111""#, r#" "no X""#);
    check(
        "card",
        r#"["4111111111111111",null,1.50]"#,
        r#"["X",null,1.50]"#,
    );
    check(
        "password",
        r#"[[{"password":{"a":1}}],"password"]"#,
        r#"[[{"password":"X"}],"password"]"#,
    );
    check(
        ".a.b",
        r#"[{"a":{"b":1}},{"b":2}]"#,
        r#"[{"a":{"b":"X"}},{"b":2}]"#,
    );
    check("[1]", "[1,2]", "[1,2]");
    check("card", "true", "true");
    check("card", "", "");
    check("card", "\"4111", "\"4111");
}

#[test]
fn what_is_no_record_is_refused() {
    let mut redactor = Redactor::parse(&["a"], Replacement::default()).expect("rules");
    let mut out = Vec::new();
    assert!(redactor.redact(b"{\"a\":1", &mut out).is_err());
    assert!(out.is_empty());
}

#[test]
fn depth_costs_no_stack() {
    let deep = "[{\"a\":".repeat(100_000);
    let ends = "}]".repeat(100_000);
    let line = format!("{{\"a\":{deep}{{\"b\":1}}{ends},\"b\":2}}");
    let redacted = redact("b,.a.a.b,card", Replacement::default(), &line);
    assert!(redacted.ends_with(",\"b\":\"[redacted]\",\"dl\":{\"redacted\":2}}"));
    let deep = "[{\"value\":".repeat(100_000);
    let ends = ",\"key\":\"a\"}]".repeat(100_000);
    let line = format!("{{\"a\":{deep}{{\"v\":1,\"k\":\"b\"}}{ends}}}");
    let redacted = redact("b", Replacement::default(), &line);
    assert!(redacted.contains("{\"v\":\"[redacted]\",\"k\":\"b\"}"));
}
