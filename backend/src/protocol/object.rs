//! Payloads that are JSON objects, and nothing else.

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// What is read from an object. Left to itself, serde also takes a list for a struct, field by
/// field in the order they are declared in: an order clients must never depend on.
#[derive(Clone, Copy, Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Visitor(PhantomData))
    }
}

/// Reads a payload.
///
/// # Errors
/// Says what is wrong with it, and in which field.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json)
        .map(|Object(value)| value)
        // Where it went wrong is only kept track of when it did.
        .map_err(|error| match field::<T>(json) {
            Some(field) if error.is_data() => format!("{field}: {error}"),
            _ => error.to_string(),
        })
}

/// The field that cannot be read; `None` when it is not the fault of one.
fn field<T: DeserializeOwned>(json: &[u8]) -> Option<String> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let error = serde_path_to_error::deserialize::<_, Object<T>>(&mut json).err()?;
    let path = error.path();
    (path.iter().next().is_some()).then(|| path.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Point {
        x: u8,
    }

    #[derive(Deserialize)]
    struct Line {
        points: Vec<Object<Point>>,
    }

    #[test]
    fn a_list_is_no_object() {
        let read = |json: &str| {
            serde_json::from_str::<Object<Point>>(json)
                .map(|point| point.0.x)
                .ok()
        };
        assert_eq!(read("{\"x\": 3, \"y\": 4}"), Some(3));
        for refused in ["[3]", "3", "null", "\"x\"", "{}"] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_of_the_field() {
        let length = |json: &str| read::<Line>(json.as_bytes()).map(|line| line.points.len());
        assert_eq!(length(r#"{"points": [{"x": 3}]}"#), Ok(1));
        for (json, said) in [
            (r#"{"points": 3}"#, "points: invalid type: integer"),
            (r#"{"points": [[3]]}"#, "points[0]: invalid type: sequence"),
            (
                r#"{"points": [{"x": 3}, {"x": null}]}"#,
                "points[1].x: invalid type: null",
            ),
            ("{}", "missing field `points`"),
            ("{", "EOF while parsing"),
            ("7", "invalid type: integer"),
        ] {
            let refusal = length(json).unwrap_err();
            assert!(refusal.starts_with(said), "{json}: {refusal}");
        }
    }
}
