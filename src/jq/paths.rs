//! Deleting and setting by paths, as jq does it: keys that stay keep their order, and what
//! is missing on the way is made. jaq's own functions do neither.

use jaq_json::{Error, Map, Rc, Val};

use super::meter::Meter;

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

/// `value` with `new` at `path`, an array.
pub(super) fn set(mut value: Val, path: Val, new: Val, meter: &Meter) -> Result<Val, Error> {
    let Val::Arr(path) = path else {
        return Err(Error::typ(path, "array"));
    };
    let mut at = &mut value;
    for step in path.iter() {
        *at = make(std::mem::take(at), step, meter)?;
        at = match child(at, step)? {
            Some(inner) => inner,
            None => return Err(Error::index(value, step.clone())),
        };
        // Each step of the path is a level.
        meter.nest(&Val::Arr(vec![Val::Arr(Rc::default())].into()))?;
    }
    *at = new;
    Ok(value)
}

/// `value` with a place for `index`: null becomes an object or an array, and what is too
/// short is filled up with null.
pub(super) fn make(mut value: Val, index: &Val, meter: &Meter) -> Result<Val, Error> {
    match (&value, index) {
        (Val::Null, Val::TStr(_)) => value = Val::obj(Map::default()),
        (Val::Null, Val::Num(_)) => value = Val::Arr(Rc::default()),
        _ => {}
    }
    match (&mut value, index) {
        (Val::Obj(object), Val::TStr(_)) if !object.contains_key(index) => {
            Rc::make_mut(object).insert(index.clone(), Val::Null);
        }
        (Val::Arr(array), Val::Num(number)) => {
            let at = number.as_isize().and_then(|at| usize::try_from(at).ok());
            if let Some(at) = at.filter(|at| *at >= array.len()) {
                meter.grow(at.saturating_mul(size_of::<Val>()))?;
                Rc::make_mut(array).resize(at + 1, Val::Null);
            }
        }
        _ => {}
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
