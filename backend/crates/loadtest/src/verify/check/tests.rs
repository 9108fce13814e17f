//! For each way to break a promise, a record in which only that was done: the checker must find it,
//! and nothing else.

use uuid::Uuid;

use super::{
    Findings, Property, check,
    sample::{
        ADA, BEN, acknowledged, attempt, ended, entry, heard, kept, log, message, reset, resumed,
        send, shown, step,
    },
};
use crate::verify::record::{
    AtTheEnd, End, Entry, Excuse, Happened, Outcome, PresenceReading, Record, What,
};

/// The findings of a record after this was done to it.
fn after(spoil: impl FnOnce(&mut Record)) -> Findings {
    let mut record = kept();
    spoil(&mut record);
    check(&record)
}

/// Expects one violation of this property and none of any other; its words.
fn only(property: Property, spoil: impl FnOnce(&mut Record)) -> String {
    let findings = after(spoil);
    for (other, tally) in &findings.tallies {
        let expected = u64::from(*other == property);
        assert_eq!(tally.violations, expected, "{other:?} of {findings:#?}");
    }
    findings.violations[0].what.clone()
}

/// In the logs of all nodes.
fn in_logs(record: &mut Record, change: impl Fn(&mut Vec<Entry>)) {
    for log in &mut record.rooms[0].logs {
        change(&mut log.entries);
        log.last = log.entries.last().map_or(0, |entry| entry.seq);
    }
}

#[test]
fn a_record_that_keeps_the_promise_is_clean() {
    let findings = check(&kept());
    assert!(findings.are_clean(), "{findings:#?}");
    let looked: Vec<u64> = findings
        .tallies
        .values()
        .map(|tally| tally.looked_at)
        .collect();
    assert_eq!(looked.len(), Property::ALL.len());
    assert!(looked.iter().all(|times| *times > 0), "{findings:#?}");
}

#[test]
fn an_acknowledged_message_that_is_not_stored_is_found() {
    let what = only(Property::AcknowledgedIsStored, |record| {
        let again = send(10, vec![attempt(10, 2, acknowledged(10, 11))]);
        record.clients[ADA].sends.push(again);
    });
    assert_eq!(
        what,
        "message 5 of Ada's client was acknowledged and is not stored"
    );
}

#[test]
fn an_acknowledged_message_that_is_stored_twice_is_found() {
    let what = only(Property::AcknowledgedIsStored, |record| {
        in_logs(record, |log| log.push(message(9, BEN, 1)));
        for client in &mut record.clients {
            client.steps.push(heard(message(9, BEN, 1)));
            client.at_the_end.as_mut().unwrap().places = vec![Some(9)];
        }
    });
    assert!(what.ends_with("is stored 2 times"), "{what}");
}

#[test]
fn a_message_that_is_stored_elsewhere_than_was_answered_is_found() {
    let what = only(Property::AcknowledgedIsStored, |record| {
        record.clients[BEN].sends[1].attempts[0].outcome = acknowledged(3, 4);
    });
    assert!(what.contains("is not what was answered"), "{what}");
}

#[test]
fn a_message_that_is_stored_with_another_text_is_found() {
    let what = only(Property::AcknowledgedIsStored, |record| {
        record.clients[BEN].sends[1].content = 5;
    });
    assert!(what.ends_with("is stored with another text"), "{what}");
}

#[test]
fn an_acknowledged_edit_or_deletion_that_is_gone_is_found() {
    only(Property::AcknowledgedIsStored, |record| {
        record.clients[ADA].changes[0].seq = Some(3);
    });
    only(Property::AcknowledgedIsStored, |record| {
        record.clients[ADA].changes[0].seq = None;
    });
}

#[test]
fn a_hole_in_the_places_is_found() {
    let findings = after(|record| {
        let last = message(9, BEN, 1);
        in_logs(record, |log| log[7] = last);
        let [_, ben] = &mut record.clients[..] else {
            unreachable!("there are two")
        };
        ben.sends.truncate(1);
        record.rooms[0].history.pop();
        for client in &mut record.clients {
            client.steps.pop();
            client.at_the_end = None;
        }
    });
    let holes = &findings.tallies[&Property::PlacesHaveNoHoles];
    assert_eq!(holes.violations, 2, "one a node: {findings:#?}");
    assert_eq!(findings.violations[0].what, "node 1 tells 9 where 8 comes");
    assert_eq!(findings.violations[0].excerpt.len(), 2);
}

#[test]
fn ids_that_do_not_ascend_are_found() {
    let what = only(Property::PlacesHaveNoHoles, |record| {
        let low = |entry: &mut Entry| {
            if let What::Message(shown) = &mut entry.what {
                shown.id = Uuid::from_u128(1);
            }
        };
        let log = &mut record.rooms[0].logs;
        log.truncate(1);
        low(&mut log[0].entries[7]);
        record.rooms[0].history.pop();
        for client in &mut record.clients {
            client.steps.pop();
        }
        record.clients[BEN].sends.pop();
        for client in &mut record.clients {
            client.at_the_end = None;
        }
        let made_up = send(8, vec![attempt(3, 1, Outcome::Unknown)]);
        record.clients[BEN].sends.push(made_up);
    });
    assert!(what.contains("the id at 8"), "{what}");
}

#[test]
fn a_log_that_ends_before_its_end_is_found() {
    only(Property::PlacesHaveNoHoles, |record| {
        record.rooms[0].logs[1].last = 9;
    });
}

#[test]
fn an_entry_that_a_feed_left_out_is_found() {
    let what = only(Property::FeedsAreContiguous, |record| {
        record.clients[ADA].steps.remove(5);
    });
    assert_eq!(what, "Ada's client was given 6 after 4");
}

#[test]
fn an_entry_that_came_twice_or_late_is_found() {
    only(Property::FeedsAreContiguous, |record| {
        let steps = &mut record.clients[ADA].steps;
        let again = steps.last().unwrap().clone();
        steps.push(again);
    });
    let findings = after(|record| record.clients[ADA].steps.swap(6, 7));
    let broken = findings.tallies[&Property::FeedsAreContiguous].violations;
    assert_eq!((broken, findings.violations.len()), (2, 2), "{findings:#?}");
}

#[test]
fn an_answer_that_gives_only_a_part_is_found() {
    let what = only(Property::FeedsAreContiguous, |record| {
        record.clients[ADA].steps[3] = resumed(1, 3, vec![log()[1]]);
    });
    assert!(what.contains("up to 2, of a log that ended at 3"), "{what}");
}

#[test]
fn an_answer_with_a_gap_is_found() {
    only(Property::FeedsAreContiguous, |record| {
        record.clients[ADA].steps[3] = resumed(1, 3, vec![log()[2]]);
    });
}

#[test]
fn an_entry_without_a_feed_is_found() {
    let what = only(Property::FeedsAreContiguous, |record| {
        let steps = &mut record.clients[ADA].steps;
        let last = steps.len() - 1;
        steps.insert(last, ended(End::Left));
    });
    assert_eq!(what, "Ada's client was given 8 without a feed");
}

#[test]
fn a_reset_needs_a_reason() {
    let with = |excuse| {
        move |record: &mut Record| {
            record.clients[ADA].steps[3] = reset(1, 3, excuse);
        }
    };
    let what = only(Property::FeedsAreContiguous, with(None));
    assert!(what.contains("with only 2 missing"), "{what}");
    for excuse in [Excuse::OtherHistory, Excuse::Crowded] {
        assert!(after(with(Some(excuse))).are_clean());
    }
}

#[test]
fn two_things_at_one_place_are_found() {
    let what = only(Property::EverybodySeesTheSame, |record| {
        let other = Entry {
            identity: 1,
            ..log()[2]
        };
        record.clients[BEN].steps[1] = heard(other);
    });
    assert_eq!(what, "two things were shown at 3");
}

#[test]
fn a_message_that_is_shown_in_two_ways_is_found() {
    let mut other = shown(3, ADA, 1);
    other.whole = 1;
    let what = only(Property::EverybodySeesTheSame, |record| {
        record.clients[BEN].steps[1] = heard(Entry {
            what: What::Message(other),
            ..log()[2]
        });
    });
    assert_eq!(what, "the message at 3, as of 3, was shown in two ways");
    only(Property::EverybodySeesTheSame, |record| {
        let page = vec![other];
        record.clients[BEN].steps[0] = step(Happened::Joined { last: 2, page });
    });
}

#[test]
fn two_messages_at_one_place_are_found() {
    let mut other = shown(3, ADA, 1);
    other.id = Uuid::from_u128(5);
    only(Property::EverybodySeesTheSame, |record| {
        record.rooms[0].history[2] = other;
    });
}

#[test]
fn a_client_that_stays_behind_is_found() {
    let what = only(Property::EverybodyCatchesUp, |record| {
        record.clients[ADA].at_the_end.as_mut().unwrap().places = vec![Some(7)];
    });
    assert_eq!(what, "Ada's client stayed at 7, and the log ends at 8");
    only(Property::EverybodyCatchesUp, |record| {
        record.clients[ADA].at_the_end = Some(AtTheEnd::default());
    });
}

#[test]
fn who_is_no_member_in_the_end_need_not_catch_up() {
    let findings = after(|record| {
        in_logs(record, |log| log.truncate(6));
        record.rooms[0].history.pop();
        record.clients[BEN].sends.pop();
        record.clients[BEN].steps.truncate(4);
        record.clients[BEN].at_the_end = Some(AtTheEnd::default());
        record.clients[ADA].steps.truncate(7);
        record.clients[ADA].at_the_end.as_mut().unwrap().places = vec![Some(6)];
    });
    assert!(findings.are_clean(), "{findings:#?}");
}

#[test]
fn a_refused_message_that_is_stored_is_found() {
    let what = only(Property::RefusedIsNotStored, |record| {
        let refused = Outcome::Refused("invalid".to_owned());
        record.clients[BEN].sends[1].attempts[0].outcome = refused;
    });
    assert!(what.contains("was refused and is stored 1 times"), "{what}");
}

#[test]
fn an_unanswered_message_may_be_stored_once_but_not_twice() {
    let unknown = |record: &mut Record| {
        record.clients[BEN].sends[1].attempts[0].outcome = Outcome::Unknown;
    };
    assert!(after(unknown).are_clean());
    only(Property::RefusedIsNotStored, |record| {
        unknown(record);
        in_logs(record, |log| log.push(message(9, BEN, 1)));
        for client in &mut record.clients {
            client.steps.push(heard(message(9, BEN, 1)));
            client.at_the_end.as_mut().unwrap().places = vec![Some(9)];
        }
    });
}

#[test]
fn a_message_that_nobody_sent_is_found() {
    let what = only(Property::RefusedIsNotStored, |record| {
        record.clients[BEN].sends.pop();
    });
    assert!(
        what.ends_with("is stored at 8 and was never sent"),
        "{what}"
    );
}

#[test]
fn messages_out_of_their_senders_order_are_found() {
    // Ada's last was answered before her first was sent.
    let what = only(Property::OrderIsKept, |record| {
        let sends = &mut record.clients[ADA].sends;
        sends[2].attempts = vec![attempt(0, 2, acknowledged(6, 1))];
        sends[0].attempts[0].outcome = acknowledged(1, 3);
        sends[0].attempts[0].at = 2;
        sends[1].attempts = vec![attempt(0, 1, acknowledged(3, 4))];
    });
    assert_eq!(
        what,
        "message 0 of Ada's client was sent after message 2 of Ada's client and is stored before it"
    );
}

#[test]
fn messages_on_their_way_together_keep_their_order_on_one_connection_only() {
    let overtaken = |connection: u64| {
        move |record: &mut Record| {
            // Both are sent before either is answered.
            let sends = &mut record.clients[ADA].sends;
            sends[1].attempts = vec![attempt(4, connection, acknowledged(3, 12))];
            sends[2].attempts = vec![attempt(3, 2, acknowledged(6, 11))];
        }
    };
    assert!(after(overtaken(1)).are_clean());
    only(Property::OrderIsKept, overtaken(2));
}

#[test]
fn whoever_sends_something_again_after_something_newer_chose_that_order() {
    let findings = after(|record| {
        let sends = &mut record.clients[ADA].sends;
        // 2 was unavailable at first, 1 was not, and came before it in the end.
        sends[2].attempts = vec![
            attempt(3, 2, Outcome::Unknown),
            attempt(10, 2, acknowledged(6, 11)),
        ];
        sends[1].attempts = vec![attempt(4, 2, acknowledged(3, 5))];
    });
    assert!(findings.are_clean(), "{findings:#?}");
}

#[test]
fn somebody_who_is_shown_as_they_are_not_is_found() {
    let what = only(Property::PresenceConverges, |record| {
        record.presence.push(PresenceReading {
            shown_by: "node 2".to_owned(),
            person: BEN,
            expected: "offline",
            shown: "online".to_owned(),
        });
    });
    assert_eq!(what, "node 2 shows Ben as online, who is offline");
}

#[test]
fn a_removed_member_that_hears_on_is_found() {
    let what = only(Property::RemovedHearNothing, |record| {
        let steps = &mut record.clients[BEN].steps;
        steps.insert(3, heard(log()[4]));
        steps[5] = resumed(5, 7, log()[5..7].to_vec());
    });
    assert_eq!(what, "Ben's client was given 5, and Ben was removed at 5");
}

#[test]
fn a_removed_member_that_is_answered_all_the_same_is_found() {
    let what = only(Property::RemovedHearNothing, |record| {
        let steps = &mut record.clients[BEN].steps;
        steps[4] = resumed(4, 6, log()[4..6].to_vec());
        steps.insert(5, heard(log()[6]));
        // A second removal would be another story.
        steps.insert(5, ended(End::Lost));
        steps.insert(6, resumed(6, 7, vec![log()[6]]));
        steps.remove(7);
    });
    assert_eq!(what, "Ben's client was given 6, and Ben was removed at 5");
}

#[test]
fn a_removed_member_that_says_something_is_found() {
    let what = only(Property::RemovedHearNothing, |record| {
        let mut said = shown(6, ADA, 2);
        said.author = Some(BEN);
        let said = entry(6, What::Message(said));
        in_logs(record, |log| log[5] = said);
        record.clients[ADA].sends.remove(2);
        record.clients[ADA]
            .sends
            .insert(2, send(6, vec![attempt(5, 2, Outcome::Unknown)]));
    });
    assert_eq!(what, "Ben was removed at 5 and said something at 6");
}

#[test]
fn a_member_that_is_kept_out_is_found() {
    for end in [End::Removed, End::NoMember] {
        let what = only(Property::RemovedHearNothing, |record| {
            let steps = &mut record.clients[ADA].steps;
            steps.push(ended(end));
            steps.push(resumed(8, 8, Vec::new()));
        });
        assert_eq!(what, "Ada's client was kept out, and Ada is a member");
    }
    let refused = || Outcome::Refused("not_found".to_owned());
    let what = only(Property::RemovedHearNothing, |record| {
        let sends = &mut record.clients[ADA].sends;
        sends[3].attempts[0].outcome = refused();
    });
    assert!(
        what.ends_with("its author was a member all the time"),
        "{what}"
    );
    let fair = after(|record| {
        let ben = &mut record.clients[BEN];
        ben.steps.insert(4, ended(End::NoMember));
        ben.sends.push(send(99, vec![attempt(9, 1, refused())]));
    });
    assert!(fair.are_clean(), "{fair:#?}");
}

#[test]
fn the_text_of_a_deleted_message_is_found() {
    let what = only(Property::EverybodySeesTheSame, |record| {
        if let Happened::Heard(entry) = &mut record.clients[BEN].steps[1].what
            && let What::Message(shown) = &mut entry.what
        {
            shown.deleted = true;
        }
    });
    assert_eq!(what, "the text of the deleted message at 3 was shown");
}

#[test]
fn only_a_few_of_many_violations_are_told() {
    let findings = after(|record| {
        for _ in 0..10 {
            let lost = send(99, vec![attempt(99, 2, acknowledged(99, 99))]);
            record.clients[BEN].sends.push(lost);
        }
    });
    let tally = findings.tallies[&Property::AcknowledgedIsStored];
    assert_eq!((tally.violations, findings.violations.len()), (10, 3));
}
