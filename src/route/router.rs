//! Which rules take a record.

use crate::{expr::Filter, record::Record};

/// The compiled rules of a file. A clone for each worker decides in the same way.
#[derive(Clone, Debug)]
pub struct Router {
    rules: Vec<(Filter, bool)>,
}

impl Router {
    pub(super) fn new(rules: Vec<(Filter, bool)>) -> Self {
        Self { rules }
    }

    /// Calls `take` with the number of each rule that matches, from the top, up to the first
    /// one that does not say `continue`. False if there is none of that kind, so that the
    /// record goes to the default route too.
    pub fn route(&self, record: &Record<'_, '_>, mut take: impl FnMut(usize)) -> bool {
        for (number, (filter, goes_on)) in self.rules.iter().enumerate() {
            if filter.matches(record) {
                take(number);
                if !goes_on {
                    return true;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use crate::{
        record::{Found, Reader},
        route::tests::parse,
    };

    /// A rule of the model: does `.k` equal a number, and does the record go on?
    #[derive(Clone, Debug)]
    struct Model {
        equals: u8,
        negated: bool,
        goes_on: bool,
    }

    fn models() -> impl Strategy<Value = Vec<Model>> {
        let model =
            (0u8..4, any::<bool>(), any::<bool>()).prop_map(|(equals, negated, goes_on)| Model {
                equals,
                negated,
                goes_on,
            });
        proptest::collection::vec(model, 0..8)
    }

    proptest! {
           #[test]
           fn routes_are_those_of_the_naive_model(models in models(), keys in proptest::collection::vec(0u8..5, 0..20)) {
               let mut text = String::from("rules:\n");
               for (number, Model { equals, negated, goes_on }) in models.iter().enumerate() {
                   let operator = if *negated { "!=" } else { "==" };
                   let _ = writeln!(
    text, "- {{name: r{number}, when: .k {operator} {equals}, to: f{number}.log, continue: {goes_on}}}");
               }
               if models.is_empty() {
                   text = "rules: []".into();
               }
               let rules = parse(&text).expect("rules");
               let mut reader = Reader::default();
               let router = rules.compile(&mut reader);
               let mut found = Found::default();
               for key in keys {
                   let line = format!("{{\"k\":{key}}}");
                   let record = reader.read(line.as_bytes(), &mut found).expect("a record");
                   let mut taken = Vec::new();
                   let held = router.route(&record, |number| taken.push(number));
                   let (mut expect, mut expect_held) = (Vec::new(), false);
                   for (number, model) in models.iter().enumerate() {
                       if (key == model.equals) != model.negated {
                           expect.push(number);
                           if !model.goes_on {
                               expect_held = true;
                               break;
                           }
                       }
                   }
                   prop_assert_eq!((taken, held), (expect, expect_held));
               }
           }
       }
}
