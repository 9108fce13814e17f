//! The register over a simulated line, and what the judge sees of it.

use super::super::holdings::Words;
use super::super::message::{Said, Subject};
use super::super::register::{Heard, Moment, Register, Roll};
use super::line::Line;
use super::node::id_of;
use crate::models::{NodeId, Timestamp, UserId};
use crate::redis_link::LinkError;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

#[async_trait]
impl Register for Line {
    async fn hold(
        &self,
        node: NodeId,
        words: &Words,
        lease: Duration,
        spared: Option<Moment>,
    ) -> Result<(), LinkError> {
        let (world, words) = (Arc::clone(&self.world), words.clone());
        let by = id_of(&self.pulse);
        let begun = Instant::now();
        let hold = move |keys: &mut super::keys::Keys, now| {
            for subject in &words.subjects {
                world.judge.held(*subject, node, words.state, (by, begun));
            }
            ((), keys.hold(now, node, &words, lease, spared))
        };
        self.step(hold).await
    }

    async fn read(
        &self,
        like: Subject,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<(u64, Vec<Said>), LinkError> {
        let asked = users.to_vec();
        let read = move |keys: &mut super::keys::Keys, time| {
            let answer = keys.read(time, like, &asked, now);
            ((answer, Instant::now()), Vec::new())
        };
        let (answer, at) = self.step(read).await?;
        self.world.judge.read(id_of(&self.pulse), like, users, at);
        Ok(answer)
    }

    async fn list(
        &self,
        node: NodeId,
        subjects: &[Subject],
        lease: Duration,
    ) -> Result<(), LinkError> {
        let subjects = subjects.to_vec();
        self.step(move |keys, now| (keys.list(now, node, &subjects, lease), Vec::new()))
            .await
    }

    async fn unlist(&self, node: NodeId, subjects: &[Subject]) -> Result<(), LinkError> {
        let subjects = subjects.to_vec();
        self.step(move |keys, _| (keys.unlist(node, &subjects), Vec::new()))
            .await
    }

    async fn listed(&self, node: NodeId) -> Result<Vec<Subject>, LinkError> {
        self.step(move |keys, now| (keys.listed(now, node), Vec::new()))
            .await
    }

    async fn renew(&self, node: NodeId, lease: Duration) -> Result<Roll, LinkError> {
        self.step(move |keys, now| (keys.renew(now, node, lease), Vec::new()))
            .await
    }

    async fn leave(&self, node: NodeId) -> Result<bool, LinkError> {
        self.step(move |keys, _| (keys.leave(node), Vec::new()))
            .await
    }

    async fn heard(&self) -> Heard {
        let (heard, at) = Line::heard(self).await;
        if let Heard::Said(said) = &heard {
            self.world
                .judge
                .informed(id_of(&self.pulse), said.subject, at);
        }
        heard
    }

    fn is_up(&self) -> bool {
        Line::is_up(self)
    }

    fn losses(&self) -> u64 {
        Line::losses(self)
    }
}
