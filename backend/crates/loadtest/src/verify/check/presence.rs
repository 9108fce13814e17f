//! Whether people are shown as they are, after everybody had the time for it.

use super::{Findings, Property, person_name};
use crate::verify::record::Record;

pub(super) fn check(record: &Record, findings: &mut Findings) {
    let looks = usize::try_from(record.presence_looks).unwrap_or(usize::MAX);
    findings.looked(Property::PresenceConverges, looks);
    for reading in &record.presence {
        findings.found(
            Property::PresenceConverges,
            None,
            || {
                format!(
                    "{} shows {} as {}, who is {}",
                    reading.shown_by,
                    person_name(record, Some(reading.person)),
                    reading.shown,
                    reading.expected
                )
            },
            Vec::new,
        );
    }
}
