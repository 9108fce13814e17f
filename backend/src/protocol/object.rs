//! Payloads that are JSON objects, and nothing else.

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Point {
        x: u8,
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
}
