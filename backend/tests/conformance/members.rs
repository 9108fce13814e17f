//! Who belongs to a room.

use super::{Bed, denial, seqs, unknown_room, unknown_user};
use roost::models::{Change, Entry, MemberRole, Notify, RoomId, RoomKind, UserId};
use roost::store::Denied;
use std::collections::BTreeSet;

pub(crate) async fn people_are_added_in_order_and_each_once(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana]).await;
    bed.say(room, ana, "before they came").await;
    let now = bed.now();
    let entries = bed
        .add_members(room, &[cleo, ana, bo, cleo], now)
        .await
        .unwrap();
    assert_eq!(seqs(&entries), [2, 3]);
    for (entry, user) in entries.iter().zip([cleo, bo]) {
        let Change::MemberAdded(fact) = &entry.change else {
            panic!("{entry:?}");
        };
        assert_eq!(fact.user, bed.somebody(user).await);
        assert_eq!(fact.role, MemberRole::Member);
        assert_eq!(fact.joined_at, now);
        let membership = bed.membership_of(room, user).await;
        assert_eq!(membership.last_read_seq, entry.seq);
        assert_eq!(membership.last_read_id, None);
        assert_eq!((membership.unread, membership.mentions), (0, 0));
    }
    let seen = bed.find_room(room, bo).await.unwrap().unwrap();
    assert_eq!((seen.member_count, seen.last_seq), (3, 3));
    assert_eq!(bed.log(room).await[1..], entries);

    let again = bed.add_members(room, &[bo], bed.now()).await.unwrap();
    assert!(again.is_empty());
    assert_eq!(bed.heads(&[room]).await.unwrap(), [(room, 3)]);
}

pub(crate) async fn adding_is_denied_as_a_whole(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let now = bed.now();
    let strangers = [bo, unknown_user()];
    let refused = bed.add_members(room, &strangers, now).await;
    assert_eq!(denial(refused), Denied::NoUser);
    assert!(bed.find_membership(room, bo).await.unwrap().is_none());
    assert!(bed.log(room).await.is_empty());

    let nowhere = bed.add_members(unknown_room(), &[bo], now).await;
    assert_eq!(denial(nowhere), Denied::NoRoom);
    let archived = bed.archived_room(&[ana]).await;
    let refused = bed.add_members(archived, &[bo], now).await;
    assert_eq!(denial(refused), Denied::Archived);
}

pub(crate) async fn somebody_leaves_and_comes_back(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let entries = bed.remove_member(room, bo, ana, bed.now()).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        entries[0].change,
        Change::MemberRemoved { user: bo, by: ana }
    );
    assert_eq!(entries[0].seq, 2);
    assert!(bed.find_membership(room, bo).await.unwrap().is_none());
    let his = bed.belongings_of(bo, bed.now()).await.unwrap();
    assert!(his.rooms.is_empty());
    let again = bed.remove_member(room, bo, ana, bed.now()).await.unwrap();
    assert!(again.is_empty());

    // The log still shows that they were there.
    let log = bed.log(room).await;
    assert_eq!(seqs(&log), [1, 2]);
    let Change::MemberAdded(fact) = &log[0].change else {
        panic!("{log:?}");
    };
    assert_eq!(fact.user, bed.somebody(bo).await);
    assert_eq!(fact.role, MemberRole::Member);

    bed.say(room, ana, "while they were away").await;
    let back = bed.add_members(room, &[bo], bed.now()).await.unwrap();
    assert_eq!(seqs(&back), [4]);
    let membership = bed.membership_of(room, bo).await;
    assert_eq!((membership.last_read_seq, membership.unread), (4, 0));
    assert_eq!(
        bed.find_room(room, bo).await.unwrap().unwrap().member_count,
        2
    );
}

pub(crate) async fn removing_is_denied_where_there_is_no_room_or_it_is_archived(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let archived = bed.archived_room(&[ana, bo]).await;
    let now = bed.now();
    let refused = bed.remove_member(archived, bo, ana, now).await;
    assert_eq!(denial(refused), Denied::Archived);
    assert!(bed.find_membership(archived, bo).await.unwrap().is_some());
    let nowhere = bed.remove_member(unknown_room(), bo, ana, now).await;
    assert_eq!(denial(nowhere), Denied::NoRoom);
}

pub(crate) async fn the_oldest_admin_else_the_oldest_member_succeeds_the_last_owner(bed: Bed) {
    let [ana, bo, cleo, dov] = bed.users(["ana", "bo", "cleo", "dov"]).await;
    let room = bed.room(&[ana, bo, cleo, dov]).await;
    for admin in [dov, cleo] {
        let now = bed.now();
        bed.set_member_role(room, admin, MemberRole::Admin, now)
            .await
            .unwrap();
    }
    let leave = async |user| {
        bed.remove_member(room, user, user, bed.now())
            .await
            .unwrap()
    };
    let succeeded_by = |entries: &[Entry]| -> Option<UserId> {
        let Change::MemberChanged(fact) = &entries.get(1)?.change else {
            panic!("{entries:?}");
        };
        assert_eq!(fact.role, MemberRole::Owner);
        assert_eq!(entries[1].seq, entries[0].seq + 1);
        Some(fact.user.id)
    };

    // Cleo has been a member for longer, though an admin for less long.
    assert_eq!(succeeded_by(&leave(ana).await), Some(cleo));
    assert_eq!(bed.membership_of(room, cleo).await.role, MemberRole::Owner);
    assert_eq!(bed.membership_of(room, dov).await.role, MemberRole::Admin);
    let seen = bed.find_room(room, bo).await.unwrap().unwrap();
    assert_eq!(seen.owner_id, Some(cleo));

    // Somebody who is not the last owner leaves no gap to fill.
    assert_eq!(succeeded_by(&leave(dov).await), None);
    assert_eq!(succeeded_by(&leave(cleo).await), Some(bo));
    assert_eq!(succeeded_by(&leave(bo).await), None);
    assert!(bed.list_members(room, None, 10).await.unwrap().is_empty());
}

pub(crate) async fn one_of_two_owners_leaves_without_a_successor(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo, cleo]).await;
    let now = bed.now();
    bed.set_member_role(room, cleo, MemberRole::Owner, now)
        .await
        .unwrap();
    let owner = async || bed.find_room(room, bo).await.unwrap().unwrap().owner_id;
    assert_eq!(owner().await, Some(ana));
    let entries = bed.remove_member(room, ana, ana, bed.now()).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(owner().await, Some(cleo));
    assert_eq!(bed.membership_of(room, bo).await.role, MemberRole::Member);
}

pub(crate) async fn a_role_is_given_and_told(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let joined_at = bed.membership_of(room, bo).await.joined_at;
    let entry = bed
        .set_member_role(room, bo, MemberRole::Admin, bed.now())
        .await
        .unwrap()
        .unwrap();
    let Change::MemberChanged(fact) = &entry.change else {
        panic!("{entry:?}");
    };
    assert_eq!((fact.user.id, fact.role), (bo, MemberRole::Admin));
    assert_eq!(fact.joined_at, joined_at);
    assert_eq!(entry.seq, 2);
    assert_eq!(bed.membership_of(room, bo).await.role, MemberRole::Admin);
    let again = bed
        .set_member_role(room, bo, MemberRole::Admin, bed.now())
        .await
        .unwrap();
    assert_eq!(again, None);
}

pub(crate) async fn a_role_is_denied_to_strangers_and_the_last_owner_keeps_theirs(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let archived = bed.archived_room(&[ana, bo]).await;
    let set = async |room: RoomId, user, role| {
        let now = bed.now();
        bed.set_member_role(room, user, role, now).await
    };
    let refused = set(unknown_room(), bo, MemberRole::Admin).await;
    assert_eq!(denial(refused), Denied::NoRoom);
    let refused = set(room, cleo, MemberRole::Admin).await;
    assert_eq!(denial(refused), Denied::NoUser);
    let refused = set(archived, bo, MemberRole::Admin).await;
    assert_eq!(denial(refused), Denied::Archived);
    let refused = set(room, ana, MemberRole::Member).await;
    assert_eq!(denial(refused), Denied::LastOwner);
    assert_eq!(bed.heads(&[room]).await.unwrap(), [(room, 1)]);

    set(room, bo, MemberRole::Owner).await.unwrap().unwrap();
    set(room, ana, MemberRole::Member).await.unwrap().unwrap();
    let refused = set(room, bo, MemberRole::Admin).await;
    assert_eq!(denial(refused), Denied::LastOwner);
}

pub(crate) async fn owners_who_step_down_at_once_leave_one(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo, cleo]).await;
    for user in [bo, cleo] {
        let now = bed.now();
        bed.set_member_role(room, user, MemberRole::Owner, now)
            .await
            .unwrap();
    }
    let mut tasks = tokio::task::JoinSet::new();
    for user in [ana, bo, cleo] {
        let (store, now) = (bed.share(), bed.now());
        tasks.spawn(async move {
            let role = MemberRole::Member;
            store.set_member_role(room, user, role, now).await
        });
    }
    let denied: Vec<Denied> = tasks
        .join_all()
        .await
        .into_iter()
        .filter_map(|result| result.is_err().then(|| denial(result)))
        .collect();
    assert_eq!(denied, [Denied::LastOwner]);
}

pub(crate) async fn members_are_listed_by_username_page_by_page(bed: Bed) {
    let [cleo, ana, dov, bo] = bed.users(["cleo", "ana", "dov", "bo"]).await;
    let room = bed.room(&[cleo, dov, ana]).await;
    let page = bed.list_members(room, None, 2).await.unwrap();
    let names: Vec<_> = page.iter().map(|one| one.user.username.as_str()).collect();
    assert_eq!(names, ["ana", "cleo"]);
    assert_eq!(page[1].role, MemberRole::Owner);
    let page = bed.list_members(room, Some("cleo"), 2).await.unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].user, bed.somebody(dov).await);
    let joined_at = bed.membership_of(room, dov).await.joined_at;
    assert_eq!(page[0].joined_at, joined_at);

    let found = bed
        .find_members(room, &[bo, dov, unknown_user()])
        .await
        .unwrap();
    assert_eq!(found, page);
    let none = bed.list_members(unknown_room(), None, 2).await.unwrap();
    assert!(none.is_empty());
}

pub(crate) async fn one_chooses_what_to_be_told(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let until = bed.now();
    let set = async |notify, muted| bed.set_notify(room, ana, notify, muted).await.unwrap();
    let both = |membership: Option<roost::models::Membership>| {
        let membership = membership.unwrap();
        (membership.notify, membership.muted_until)
    };
    let now = set(Some(Notify::Mentions), Some(Some(until))).await;
    assert_eq!(both(now), (Notify::Mentions, Some(until)));
    assert_eq!(both(set(None, None).await), (Notify::Mentions, Some(until)));
    let now = set(Some(Notify::None), None).await;
    assert_eq!(both(now), (Notify::None, Some(until)));
    assert_eq!(both(set(None, Some(None)).await), (Notify::None, None));
    let found = bed.find_membership(room, ana).await.unwrap();
    assert_eq!(both(found), (Notify::None, None));

    let stranger = bed.set_notify(room, bo, Some(Notify::All), None).await;
    assert!(stranger.unwrap().is_none());
}

pub(crate) async fn acquaintances_share_a_room_that_is_not_too_large(bed: Bed) {
    let [ana, bo, cleo, dov, eva] = bed.users(["ana", "bo", "cleo", "dov", "eva"]).await;
    bed.room(&[ana, bo]).await;
    bed.room(&[bo, ana]).await;
    bed.room_called("three", RoomKind::Private, &[cleo, ana, bo])
        .await;
    bed.room(&[dov, ana, bo, cleo]).await;
    let far = bed.room(&[eva, dov]).await;
    let known = async |largest| {
        let listed = bed.list_acquaintances(&[ana], largest).await.unwrap();
        let each: BTreeSet<_> = listed.iter().copied().collect();
        assert_eq!(each.len(), listed.len(), "each membership once");
        let users = listed.into_iter().map(|(_, user)| user);
        users.collect::<BTreeSet<UserId>>()
    };
    assert!(known(1).await.is_empty());
    assert_eq!(known(2).await, BTreeSet::from([ana, bo]));
    assert_eq!(known(3).await, BTreeSet::from([ana, bo, cleo]));
    assert_eq!(known(4).await, BTreeSet::from([ana, bo, cleo, dov]));

    let listed = bed.list_acquaintances(&[eva, dov], 2).await.unwrap();
    let listed: BTreeSet<_> = listed.into_iter().collect();
    assert_eq!(listed, BTreeSet::from([(far, eva), (far, dov)]));
}
