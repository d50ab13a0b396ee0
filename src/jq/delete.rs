//! Deletion by paths, in the order and with the care that jq takes: the last path first,
//! and the keys that stay keep their order, which jaq's own deletion does not see to.

use jaq_json::{Error, Rc, Val};

/// `value` without what stands at `paths`, an array of arrays.
pub(super) fn delete(mut value: Val, paths: Val) -> Result<Val, Error> {
    let array = |value: Val| match value {
        Val::Arr(array) => Ok(array),
        value => Err(Error::typ(value, "array")),
    };
    let mut paths = Rc::unwrap_or_clone(array(paths)?);
    paths.sort();
    for path in paths.into_iter().rev() {
        let path = array(path)?;
        let Some((last, way)) = path.split_last() else {
            return Ok(Val::Null);
        };
        let mut at = Some(&mut value);
        for step in way {
            at = match at {
                Some(inner) => child(inner, step)?,
                None => break,
            };
        }
        if let Some(parent) = at {
            remove(parent, last)?;
        }
    }
    Ok(value)
}

/// What stands at `step`, if anything does.
fn child<'v>(value: &'v mut Val, step: &Val) -> Result<Option<&'v mut Val>, Error> {
    match (value, step) {
        (Val::Null, _) => Ok(None),
        (Val::Obj(object), Val::TStr(_)) => Ok(Rc::make_mut(object).get_mut(step)),
        (Val::Arr(array), Val::Num(_)) => {
            let at = index(step, array.len());
            Ok(at.and_then(|at| Rc::make_mut(array).get_mut(at)))
        }
        (value, step) => Err(Error::index(value.clone(), step.clone())),
    }
}

fn remove(value: &mut Val, step: &Val) -> Result<(), Error> {
    match (value, step) {
        (Val::Null, _) => {}
        (Val::Obj(object), Val::TStr(_)) => {
            if object.contains_key(step) {
                Rc::make_mut(object).shift_remove(step);
            }
        }
        (Val::Arr(array), Val::Num(_)) => {
            if let Some(at) = index(step, array.len()) {
                Rc::make_mut(array).remove(at);
            }
        }
        (Val::Arr(array), Val::Obj(bounds)) => {
            let length = array.len();
            let bound = |name: &str, otherwise| match bounds.get(&Val::from(name.to_owned())) {
                Some(Val::Num(number)) => number.as_isize().map_or(otherwise, |at| {
                    let from_end = length.saturating_sub(at.unsigned_abs());
                    usize::try_from(at).map_or(from_end, |at| at.min(length))
                }),
                _ => otherwise,
            };
            let (start, end) = (bound("start", 0), bound("end", length));
            if start < end {
                Rc::make_mut(array).drain(start..end);
            }
        }
        (value, step) => return Err(Error::index(value.clone(), step.clone())),
    }
    Ok(())
}

/// An index from the start, if it is inside.
fn index(step: &Val, length: usize) -> Option<usize> {
    let Val::Num(number) = step else { return None };
    let at = number.as_isize()?;
    let at = match usize::try_from(at) {
        Ok(at) => at,
        Err(_) => length.checked_sub(at.unsigned_abs())?,
    };
    (at < length).then_some(at)
}
