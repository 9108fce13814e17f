//! One setting, and the macro that declares a section of them.

use super::Config;

/// A setting as the table knows it: how it is called, described, written and read.
pub(super) struct Setting {
    /// The key in the TOML file; in capitals after `ROOST_`, the environment variable.
    pub(super) key: &'static str,
    /// What it does, in a sentence or two.
    pub(super) about: &'static str,
    /// Sets it from text, or says what the text should have been.
    pub(super) set: fn(&mut Config, &str) -> Result<(), String>,
    /// The value as TOML, without secrets; `None` when it is not set.
    pub(super) get: fn(&Config) -> Option<toml::Value>,
}

impl Setting {
    /// The environment variable of this setting.
    pub(super) fn variable(&self) -> String {
        format!("ROOST_{}", self.key.to_uppercase())
    }
}

/// Declares a section: `"key" => field: Type = default;` with its sentence as documentation.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $place:ident: $section:ident, $title:literal {
            $( $(#[doc = $doc:literal])+ $key:literal => $field:ident: $kind:ty = $default:expr; )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $section {
            $( $(#[doc = $doc])+ pub $field: $kind, )+
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $( $field: $default, )+ }
            }
        }

        impl $section {
            pub(super) fn section() -> super::Section {
                use super::value::Value;
                super::Section {
                    title: $title,
                    about: concat!($($about),+).trim_ascii(),
                    settings: vec![$( super::Setting {
                        key: $key,
                        about: concat!($($doc),+).trim_ascii(),
                        set: |config, text| {
                            config.$place.$field = Value::read(text)?;
                            Ok(())
                        },
                        get: |config| config.$place.$field.show(),
                    }, )+],
                }
            }
        }
    };
}

pub(super) use section;
