//! One poll of a subscription: the connection's rules, applied to futures.

use core::future::poll_fn;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use futures_core::Stream;
use http::header::ACCEPT;
use http::{HeaderMap, Response};
use http_body::Body;

use super::{Cause, Slot, Subscription, Update};
use crate::client::ReadyState;
use crate::stream::{BodyStream, Budget, UnexpectedResponse, check, content_type};

/// The subscription makes only those calls that the connection's state allows.
const IN_TURN: &str = "each call of a subscription is in turn";

impl<C, F, R, E, B, S, T> Subscription<C, F, B, S, T>
where
    C: FnMut(HeaderMap) -> F,
    F: Future<Output = Result<R, E>>,
    R: Into<Response<B>>,
    B: Body,
    S: FnMut(Duration) -> T,
    T: Future,
{
    /// Waits for the next event or the next change of the state, and returns it; `None` is the end.
    ///
    /// You may drop the future while it is pending: nothing is lost. You may also call `next` in
    /// between. It gives you events and errors only, and passes over the other updates.
    ///
    /// ```
    /// use sse_proto::client::{Subscription, Update};
    ///
    /// # let send = |_| async {
    /// #     let response = http::Response::builder().header("content-type", "text/event-stream");
    /// #     response.body("data: Hello\n\n".to_owned())
    /// # };
    /// # let sleep = |_| std::future::pending::<()>();
    /// # let mut seen = vec![];
    /// # let _ = futures_util::FutureExt::now_or_never(async {
    /// let mut events = Subscription::new(send, sleep);
    /// while let Some(update) = events.next_update().await {
    /// #   seen.push(format!("{update:?}"));
    ///     match update {
    ///         Update::Opened(head) => println!("connected: {}", head.status),
    ///         Update::Event(event) => println!("{}", event.data()),
    ///         Update::Interrupted { cause, delay } => println!("{cause}, again in {delay:?}"),
    ///         Update::Closed { reason, cause } => println!("{reason}: {cause}"),
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    /// # });
    /// # assert_eq!(seen.len(), 3, "{seen:?}");
    /// ```
    pub async fn next_update(&mut self) -> Option<Update<E, B>> {
        poll_fn(|context| self.poll_update(context)).await
    }

    /// Polls for the next update, as [`next_update`](Self::next_update) does.
    pub fn poll_update(&mut self, context: &mut Context<'_>) -> Poll<Option<Update<E, B>>> {
        self.poll_within(context, &mut Budget::new())
    }

    pub(super) fn poll_within(
        &mut self,
        context: &mut Context<'_>,
        budget: &mut Budget,
    ) -> Poll<Option<Update<E, B>>> {
        loop {
            // #dom-eventsource-close: nothing more is handed out.
            if self.connection.close_reason().is_some() {
                self.ended = true;
                return Poll::Ready(None);
            }
            // The events that have come are pulled before the next request discards them.
            match self.decoder.next_event() {
                Ok(Some(event)) => return Poll::Ready(Some(Update::Event(event))),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Update::TooLarge(error))),
            }
            ready!(budget.spend(context));
            let update = if self.body.is_some() {
                ready!(self.poll_body(context))
            } else if self.request.is_some() {
                Some(ready!(self.poll_response(context)))
            } else {
                ready!(self.poll_wait(context));
                self.send_request();
                None
            };
            if update.is_some() {
                return Poll::Ready(update);
            }
        }
    }

    /// Waits for the time between two attempts.
    fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(timer) = self.timer.as_mut().as_pin_mut() {
            ready!(timer.poll(context));
            self.timer.set(None);
        }
        Poll::Ready(())
    }

    /// Begins the next attempt.
    fn send_request(&mut self) {
        let mut headers: HeaderMap =
            self.connection.request(&mut self.decoder).expect(IN_TURN).into();
        if let Some(accept) = &self.accept {
            headers.insert(ACCEPT, accept.clone());
        }
        self.request.set(Some((self.connect)(headers)));
    }

    /// Waits for the response to the request that is out.
    fn poll_response(&mut self, context: &mut Context<'_>) -> Poll<Update<E, B>> {
        let Some(request) = self.request.as_mut().as_pin_mut() else { return Poll::Pending };
        Poll::Ready(match request.poll(context) {
            Poll::Ready(Ok(response)) => self.response(context, response.into()),
            Poll::Ready(Err(error)) => self.interrupted(Cause::Request(error)),
            Poll::Pending => {
                ready!(self.poll_idle(context));
                self.interrupted(Cause::Idle)
            }
        })
    }

    /// Takes the response: the subscription reads its body, or the attempt ends.
    fn response(&mut self, context: &mut Context<'_>, response: Response<B>) -> Update<E, B> {
        self.let_go();
        let (status, content_type) = (response.status().as_u16(), content_type(response.headers()));
        let state = self.connection.response(status, content_type).expect(IN_TURN);
        if let Err(reason) = check(&response, self.connection.policy().missing_content_type) {
            if state == ReadyState::Open {
                self.connection.fail(reason); // It is compressed.
            }
            return self.interrupted(Cause::Response(UnexpectedResponse::new(response, reason)));
        }
        let (head, body) = response.into_parts();
        self.body.set(Some(BodyStream::new(body)));
        // The connection begins to live. There is no clock, so a timer says when it is healthy.
        self.connection.received(Duration::ZERO).expect(IN_TURN);
        let healthy_after = self.connection.policy().healthy_after;
        if !healthy_after.is_zero() {
            self.health.set(Some((self.sleep)(healthy_after)));
            self.check_health(context);
        }
        Update::Opened(head)
    }

    /// Reads a chunk of the body and pushes it to the decoder.
    fn poll_body(&mut self, context: &mut Context<'_>) -> Poll<Option<Update<E, B>>> {
        let Some(body) = self.body.as_mut().as_pin_mut() else { return Poll::Pending };
        let cause = match body.poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) if !chunk.is_empty() => {
                self.timer.set(None);
                self.check_health(context);
                self.decoder.push(chunk);
                return Poll::Ready(None);
            }
            Poll::Ready(Some(Err(error))) => Cause::Body(error),
            Poll::Ready(None) => Cause::End,
            // No byte has come, so the idle time continues.
            quiet => {
                if self.poll_idle(context).is_pending() {
                    return quiet.map(|_| None);
                }
                Cause::Idle
            }
        };
        Poll::Ready(Some(self.interrupted(cause)))
    }

    /// Is ready when nothing has come for the idle timeout.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(timeout) = self.connection.idle_timeout() else { return Poll::Pending };
        if self.timer.is_none() {
            self.timer.set(Some((self.sleep)(timeout)));
        }
        poll(&mut self.timer, context)
    }

    /// Is called when a byte has come. If the timer of the health has ended before, the connection
    /// is healthy.
    fn check_health(&mut self, context: &mut Context<'_>) {
        if poll(&mut self.health, context).is_ready() {
            self.health.set(None);
            let lived = self.connection.policy().healthy_after;
            self.connection.received(lived).expect(IN_TURN);
        }
    }

    /// Ends the attempt: the subscription waits for the next one, or is closed.
    fn interrupted(&mut self, cause: Cause<E, B>) -> Update<E, B> {
        self.let_go();
        match self.connection.disconnected(&self.decoder, self.random.number()) {
            Ok(delay) => {
                self.timer.set(Some((self.sleep)(delay)));
                Update::Interrupted { cause, delay }
            }
            Err(reason) => Update::Closed { reason, cause },
        }
    }
}

impl<C, F, B, S, T> Subscription<C, F, B, S, T> {
    /// Drops the request or the response, and both timers.
    pub(super) fn let_go(&mut self) {
        self.request.set(None);
        self.body.set(None);
        self.timer.set(None);
        self.health.set(None);
    }
}

/// Is ready if there is a timer and it has ended.
fn poll<T: Future>(timer: &mut Slot<T>, context: &mut Context<'_>) -> Poll<()> {
    match timer.as_mut().as_pin_mut() {
        Some(timer) => timer.poll(context).map(drop),
        None => Poll::Pending,
    }
}
