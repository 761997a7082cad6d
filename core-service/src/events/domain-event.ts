/** What happens in the service that others may want to know: event streams, later webhooks and mail. */
export type DomainEventType =
  | 'transformation.processing'
  | 'transformation.completed'
  | 'transformation.failed'
  | 'transformation.cancelled'
  | 'style.ready'
  | 'tokens.low';

export interface DomainEvent {
  type: DomainEventType;
  /** Whose event it is. */
  userId: string;
  /** The transformation, style or user that changed. */
  subjectId: string;
  /** Facts that the subject's row does not keep. */
  data?: Record<string, unknown>;
}
