/** What was done, by the verb that stands in the trail. */
const WORDS: Readonly<Record<string, string>> = {
  "dataset.create": "Added a dataset",
  "dataset.delete": "Deleted a dataset",
  "image.activate": "Asked to switch an alias to an image",
  "image.prune": "Had images removed that nobody needs",
  "image.pull": "Asked for an image from a registry",
  "image.rollback": "Rolled an alias back to the image before",
  "image.switch": "Switched an alias to an image",
  "image.verify": "Had the hosts verify their images",
  "key.create": "Made an API key",
  "key.revoke": "Revoked an API key",
  "notice.change": "Changed the notice or whether runs start",
  "project.create": "Created a project",
  "project.delete": "Deleted a project",
  "project.update": "Changed a project",
  "queue.cancel": "Ended somebody's run",
  "run.cancel": "Cancelled a run",
  "run.delete": "Deleted a run",
  "run.expire": "Removed a run that was kept long enough",
  "run.share": "Shared a run",
  "run.submit": "Submitted a run",
  "run.unshare": "Ended the sharing of a run",
  "run.update": "Changed a run's name, tags or note",
  "secret.delete": "Deleted a secret",
  "secret.set": "Set a secret",
  "session.begin": "Signed in",
  "session.end": "Signed out",
  "session.reuse": "Came with a token that was used before",
  "upload.create": "Began an upload",
  "upload.delete": "Gave an upload up",
  "upload.expire": "Removed an upload that nobody went on with",
  "user.create": "Registered",
  "user.password": "Changed a password",
  "user.sign_out": "Signed an account out everywhere",
  "user.update": "Changed an account",
};

/** A verb of the audit trail in words; null for one that is not known here. */
export function verbText(verb: string): string | null {
  return WORDS[verb] ?? null;
}
