//! What operators see and do, and what is written down of it.

use super::{Bed, denial, new_session, unknown_user};
use roost::models::{
    AccountChange, Act, Action, Actor, Ending, Role, RoomId, RoomKind, RoomOrder, SessionId,
    TargetKind, Timestamp, UserId,
};
use roost::store::{ActFilter, AllRoomsFilter, Changed, Denied, PeopleFilter, Result};
use serde_json::json;
use uuid::Uuid;

const DEACTIVATE: AccountChange = AccountChange {
    role: None,
    deactivated: Some(true),
};
const REACTIVATE: AccountChange = AccountChange {
    role: None,
    deactivated: Some(false),
};

fn role(role: Role) -> AccountChange {
    AccountChange {
        role: Some(role),
        deactivated: None,
    }
}

fn by(bed: &Bed, user: UserId) -> Actor {
    Actor {
        user,
        at: bed.now(),
        request_id: Some("a request".to_owned()),
        address: Some("192.0.2.7".to_owned()),
    }
}

async fn change(bed: &Bed, actor: UserId, to: UserId, how: AccountChange) -> Result<Changed> {
    bed.change_account(to, how, by(bed, actor)).await
}

async fn acts(bed: &Bed) -> Vec<Act> {
    let all = ActFilter {
        limit: 100,
        ..ActFilter::default()
    };
    bed.list_acts(all).await.unwrap()
}

async fn actions(bed: &Bed) -> Vec<Action> {
    acts(bed).await.iter().map(|act| act.action).collect()
}

async fn moves(bed: &Bed, user: UserId) -> u64 {
    bed.moves(&[user]).await.unwrap()[0].1
}

pub(crate) async fn an_act_is_written_down_with_who_did_it_to_whom(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let before = moves(&bed, bo).await;
    let actor = by(&bed, ana);
    let changed = bed.change_account(bo, role(Role::Admin), actor.clone());
    let changed = changed.await.unwrap();
    assert_eq!(changed.user.user.role, Role::Admin);
    assert_eq!(changed.user.email.as_deref(), Some("bo@example.org"));
    assert_eq!(changed.user.sessions, 1);
    assert!(changed.ended.is_empty());
    assert_eq!(bed.somebody(bo).await.role, Role::Admin);
    assert!(moves(&bed, bo).await > before);
    let belongings = bed.belongings_of(bo, bed.now()).await.unwrap();
    assert_eq!(belongings.role, Some(Role::Admin));

    let [act] = acts(&bed).await.try_into().unwrap();
    assert_eq!(act.actor, bed.somebody(ana).await);
    assert_eq!(act.action, Action::RoleChanged);
    assert_eq!((act.target.kind, act.target.id), (TargetKind::User, bo.0));
    assert_eq!((act.target.name.as_str(), act.at), ("bo", actor.at));
    let word = |fields: Option<_>| serde_json::Value::Object(fields.unwrap());
    assert_eq!(word(act.change.before), json!({ "role": "member" }));
    assert_eq!(word(act.change.after), json!({ "role": "admin" }));
    assert_eq!(act.request_id, actor.request_id);
    assert_eq!(act.address, actor.address);
}

pub(crate) async fn what_is_refused_or_changes_nothing_is_not_written_down(bed: Bed) {
    let [ana, bo, cy] = bed.users(["ana", "bo", "cy"]).await;
    change(&bed, ana, bo, role(Role::Admin)).await.unwrap();
    let before = moves(&bed, cy).await;
    for (actor, to, how, denied) in [
        (bo, ana, DEACTIVATE, Denied::NotGoverning),
        (bo, cy, role(Role::Admin), Denied::NotGoverning),
        (cy, bo, DEACTIVATE, Denied::NotGoverning),
        (bo, bo, role(Role::Guest), Denied::Oneself),
        (ana, ana, DEACTIVATE, Denied::LastServerOwner),
        (ana, unknown_user(), DEACTIVATE, Denied::NoUser),
    ] {
        assert_eq!(denial(change(&bed, actor, to, how).await), denied);
    }
    for how in [AccountChange::default(), role(Role::Member), REACTIVATE] {
        let changed = change(&bed, ana, cy, how).await.unwrap();
        assert_eq!(changed.user.user, bed.somebody(cy).await);
    }
    assert_eq!(actions(&bed).await, [Action::RoleChanged], "the first one");
    assert_eq!(moves(&bed, cy).await, before);
}

pub(crate) async fn who_is_deactivated_has_no_logins_and_may_come_back(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    bed.say(room, bo, "hello").await;
    let login = new_session(bed.now());
    bed.create_session(bo, login.clone()).await.unwrap();
    let before = moves(&bed, bo).await;
    let changed = change(&bed, ana, bo, DEACTIVATE).await.unwrap();
    assert!(changed.user.deactivated_at.is_some());
    assert_eq!(changed.user.sessions, 0);
    assert!(changed.ended.len() == 2 && changed.ended.contains(&login.id));
    assert!(moves(&bed, bo).await > before);

    // A node of the version before may make one all the same: it is good for nothing.
    let late = new_session(bed.now());
    bed.create_session(bo, late.clone()).await.unwrap();
    let find = async |token| bed.find_session(token, late.created_at, Timestamp(0)).await;
    assert_eq!(find(late.token).await.unwrap(), None);
    let account = bed.find_account("bo").await.unwrap().unwrap();
    assert_eq!(account.deactivated_at, changed.user.deactivated_at);
    let again = change(&bed, ana, bo, DEACTIVATE).await.unwrap();
    assert_eq!(again.user.deactivated_at, changed.user.deactivated_at);

    assert_eq!(bed.log(room).await.len(), 2);
    assert!(bed.find_membership(room, bo).await.unwrap().is_some());
    let back = change(&bed, ana, bo, REACTIVATE).await.unwrap();
    assert_eq!(back.user.deactivated_at, None);
    assert!(find(late.token).await.unwrap().is_some());
    let account = bed.find_account_of(bo).await.unwrap().unwrap();
    assert_eq!(account.deactivated_at, None);
    let written = [Action::Reactivated, Action::Deactivated];
    assert_eq!(actions(&bed).await, written);
}

pub(crate) async fn owners_who_depose_each_other_at_once_leave_one(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    for round in 0..10 {
        change(&bed, ana, bo, role(Role::Owner)).await.unwrap();
        let (one, other) = tokio::join!(
            change(&bed, ana, bo, role(Role::Member)),
            change(&bed, bo, ana, DEACTIVATE),
        );
        assert!(one.is_ok() != other.is_ok(), "{round}: {one:?} {other:?}");
        if one.is_ok() {
            assert_eq!(denial(other), Denied::NotGoverning);
        } else {
            assert_eq!(denial(one), Denied::NotGoverning);
            change(&bed, bo, ana, REACTIVATE).await.unwrap();
        }
    }
}

pub(crate) async fn logins_are_ended_one_by_one_or_all(bed: Bed) {
    let [ana, bo, cy] = bed.users(["ana", "bo", "cy"]).await;
    change(&bed, ana, bo, role(Role::Admin)).await.unwrap();
    let (first, second) = (new_session(bed.now()), new_session(bed.now()));
    for login in [&first, &second] {
        bed.create_session(cy, login.clone()).await.unwrap();
    }
    let end = async |actor, of, which| bed.end_logins(of, which, by(&bed, actor)).await;
    let one = Ending::One(first.id);
    assert_eq!(denial(end(cy, cy, one).await), Denied::NotGoverning);
    assert_eq!(
        denial(end(bo, ana, Ending::All).await),
        Denied::NotGoverning
    );
    let before = moves(&bed, cy).await;
    let nothing: [SessionId; 0] = [];
    assert_eq!(end(bo, bo, one).await.unwrap(), nothing, "not theirs");
    assert_eq!(end(bo, cy, one).await.unwrap(), [first.id]);
    assert_eq!(end(bo, cy, one).await.unwrap(), nothing, "ended before");
    assert!(moves(&bed, cy).await > before);
    assert_eq!(end(bo, cy, Ending::All).await.unwrap().len(), 2);
    assert_eq!(end(bo, cy, Ending::All).await.unwrap(), nothing);
    assert_eq!(
        end(bo, bo, Ending::All).await.unwrap().len(),
        1,
        "one's own"
    );
    assert_eq!(
        denial(end(bo, unknown_user(), Ending::All).await),
        Denied::NoUser
    );

    let acts = acts(&bed).await;
    let written: Vec<_> = acts.iter().map(|act| act.action).collect();
    let [all, one] = [Action::SessionsRevoked, Action::SessionRevoked];
    assert_eq!(written, [all, all, one, Action::RoleChanged]);
    let of_one = &acts[2].target;
    assert_eq!((of_one.kind, of_one.id), (TargetKind::Session, first.id.0));
    assert_eq!(of_one.name, "cy");
    let before = acts[1].change.before.as_ref().unwrap();
    assert_eq!(before["sessions"], 2);
}

pub(crate) async fn people_are_listed_by_name_role_and_state(bed: Bed) {
    let [ana, bo, _] = bed.users(["ana", "bo", "cy"]).await;
    change(&bed, ana, bo, role(Role::Guest)).await.unwrap();
    change(&bed, ana, bo, DEACTIVATE).await.unwrap();
    let list = async |filter: PeopleFilter| {
        let filter = PeopleFilter { limit: 2, ..filter };
        let people = bed.list_people(filter, bed.now()).await.unwrap();
        let names = people.iter().map(|person| person.user.username.clone());
        names.collect::<Vec<_>>()
    };
    let all = PeopleFilter::default();
    assert_eq!(list(all.clone()).await, ["ana", "bo"]);
    let after = PeopleFilter {
        after: Some("bo".to_owned()),
        ..all.clone()
    };
    assert_eq!(list(after).await, ["cy"]);
    for query in ["B", "bo@example"] {
        let query = query.to_owned();
        let begins = PeopleFilter {
            query,
            ..all.clone()
        };
        assert_eq!(list(begins).await, ["bo"]);
    }
    let guests = PeopleFilter {
        role: Some(Role::Guest),
        ..all.clone()
    };
    assert_eq!(list(guests).await, ["bo"]);
    for (deactivated, names) in [(true, vec!["bo"]), (false, vec!["ana", "cy"])] {
        let state = PeopleFilter {
            deactivated: Some(deactivated),
            ..all.clone()
        };
        assert_eq!(list(state).await, names);
    }
}

pub(crate) async fn all_rooms_are_listed_by_what_they_cost_hold_or_do(bed: Bed) {
    let [ana, bo, cy] = bed.users(["ana", "bo", "cy"]).await;
    let large = bed
        .room_called("Large", RoomKind::Public, &[ana, bo, cy])
        .await;
    let long = bed.room_called("Long", RoomKind::Private, &[ana]).await;
    for _ in 0..8 {
        bed.say(long, ana, "hello").await;
    }
    let direct = RoomId(Uuid::new_v4());
    let opened = bed.open_direct(direct, bo, &[bo, cy], bed.now()).await;
    opened.unwrap().unwrap();
    bed.say(direct, bo, "hello").await;
    let of = |order| AllRoomsFilter {
        query: String::new(),
        kind: None,
        order,
        after: None,
        limit: 2,
    };
    // Page by page: each room once.
    for (order, expected) in [
        // 1 x 8, 3 x 2, 2 x 1
        (RoomOrder::Cost, [long, large, direct]),
        (RoomOrder::Members, [large, direct, long]),
        (RoomOrder::Activity, [direct, long, large]),
    ] {
        let first = bed.list_all_rooms(of(order)).await.unwrap();
        assert_eq!(first.rooms.len(), 2);
        let rest = AllRoomsFilter {
            after: Some(first.next.unwrap()),
            ..of(order)
        };
        let rest = bed.list_all_rooms(rest).await.unwrap();
        assert_eq!(rest.next, None);
        let ids = first.rooms.iter().chain(&rest.rooms).map(|room| room.id);
        assert_eq!(ids.collect::<Vec<_>>(), expected, "{order:?}");
    }
    let direct = bed.list_all_rooms(AllRoomsFilter {
        kind: Some(RoomKind::Direct),
        ..of(RoomOrder::Cost)
    });
    let [direct] = direct.await.unwrap().rooms.try_into().unwrap();
    assert_eq!(
        (direct.name, direct.member_count, direct.entries),
        (None, 2, 1)
    );
    let named = bed.list_all_rooms(AllRoomsFilter {
        query: "ARG".to_owned(),
        ..of(RoomOrder::Cost)
    });
    let [named] = named.await.unwrap().rooms.try_into().unwrap();
    assert_eq!((named.id, named.entries), (large, 2));
    let seen = bed.find_room(large, ana).await.unwrap().unwrap();
    assert_eq!(named.created_at, seen.created_at);
    assert_eq!(named.last_activity_at, seen.last_activity_at);
}

pub(crate) async fn acts_are_read_newest_first_page_by_page(bed: Bed) {
    let [ana, bo, cy] = bed.users(["ana", "bo", "cy"]).await;
    change(&bed, ana, bo, role(Role::Owner)).await.unwrap();
    for _ in 0..2 {
        change(&bed, bo, cy, DEACTIVATE).await.unwrap();
        change(&bed, bo, cy, REACTIVATE).await.unwrap();
    }
    let all = acts(&bed).await;
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted_by(|one, next| one.id > next.id));
    let list = async |filter: ActFilter| {
        let filter = ActFilter { limit: 2, ..filter };
        bed.list_acts(filter).await.unwrap()
    };
    let mut read = Vec::new();
    loop {
        let before = read.last().map(|act: &Act| act.id);
        let page = list(ActFilter {
            before,
            ..ActFilter::default()
        });
        let page = page.await;
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    assert_eq!(read, all);
    let by_ana = list(ActFilter {
        actor: Some(ana),
        ..ActFilter::default()
    });
    assert_eq!(by_ana.await, all[4..]);
    let back = list(ActFilter {
        action: Some(Action::Reactivated),
        ..ActFilter::default()
    });
    assert_eq!(back.await, [all[0].clone(), all[2].clone()]);
}
