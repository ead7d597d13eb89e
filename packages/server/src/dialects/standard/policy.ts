export { defaultWebhookPolicy as standardPolicy } from '../../core/dialect/webhook-policy.ts'
