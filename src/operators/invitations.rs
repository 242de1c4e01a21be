//! Inviting people. The links themselves are [`crate::accounts::invitations`]'s; here it is asked whether whoever makes or
//! takes one back is an operator.

use time::Duration;

use crate::failure::FlowError;
use crate::oauth::client::display_name;
use crate::oauth::secret::{InvitationToken, Secret, random_id};
use crate::storage::audit::{self, AuditEvent, NewEvent};
use crate::storage::invitations::{self, NewInvitation};

use super::{By, OperatorError, Operators, Part, page};

pub use crate::storage::invitations::{Invitation, InvitationState};
