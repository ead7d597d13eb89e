export { defaultWebhookPolicy as cloudEventsPolicy } from '../../core/webhook-policy.ts'
