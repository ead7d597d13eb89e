export { defaultWebhookPolicy as standardPolicy } from '../../core/webhook-policy.ts'
