/** What happens in the service that others may want to know: event streams, webhooks and mail. */
export const DOMAIN_EVENT_TYPES = [
  'transformation.processing',
  'transformation.completed',
  'transformation.failed',
  'transformation.cancelled',
  'style.ready',
  'tokens.low',
] as const;
export type DomainEventType = (typeof DOMAIN_EVENT_TYPES)[number];

export interface DomainEvent {
  type: DomainEventType;
  /** Whose event it is. */
  userId: string;
  /** The transformation, style or user that changed. */
  subjectId: string;
  /** Facts that the subject's row does not keep. */
  data?: Record<string, unknown>;
  /** What webhooks tell, where it is more than `data`. */
  facts?: Record<string, unknown>;
  /** Where this one event goes besides the user's webhook endpoints. */
  webhookUrl?: string;
}
