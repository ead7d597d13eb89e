export { defaultWebhookPolicy as cloudEventsPolicy } from '../../core/dialect/webhook-policy.ts'
