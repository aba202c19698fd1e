//! Answering interactions. They do not count for the bot's global limit, and the first answer is worth something for
//! three seconds only.

use serde::{Deserialize, Serialize};

use super::execute::{Call, INTERACTION_LIFE};
use super::{Rest, RestError};
use crate::discord::interactions::{InteractionId, InteractionToken};
use crate::domain::{ApplicationId, MessageId};

#[derive(Deserialize)]
struct Answer {
    id: MessageId,
}

impl Rest {
    /// The first answer to an interaction, within three seconds of it. Sent at most once.
    pub async fn interaction_response(
        &self,
        id: InteractionId,
        token: &InteractionToken,
        body: &(impl Serialize + Sync),
    ) -> Result<(), RestError> {
        let path = format!("interactions/{id}/{}/callback", token.expose());
        self.tell(Call::post(path).of_interaction(token.expose()).within(INTERACTION_LIFE).body(body)?).await
    }

    /// Puts something else in the place of the first answer, within fifteen minutes.
    pub async fn edit_original(
        &self,
        application: ApplicationId,
        token: &InteractionToken,
        body: &(impl Serialize + Sync),
    ) -> Result<MessageId, RestError> {
        let path = format!("webhooks/{application}/{}/messages/@original", token.expose());
        let call = Call::patch(path).of_interaction(token.expose()).body(body)?;
        let answer: Answer = self.ask(call, "an answer to a command").await?;
        Ok(answer.id)
    }

    /// One more answer, within fifteen minutes. Sent again only when it surely did not arrive.
    pub async fn followup(
        &self,
        application: ApplicationId,
        token: &InteractionToken,
        body: &(impl Serialize + Sync),
    ) -> Result<MessageId, RestError> {
        let path = format!("webhooks/{application}/{}", token.expose());
        let call = Call::post(path).of_interaction(token.expose()).with("wait", "true").body(body)?;
        let answer: Answer = self.ask(call, "an answer to a command").await?;
        Ok(answer.id)
    }
}
