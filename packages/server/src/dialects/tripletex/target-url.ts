import type { Subscription } from '../../core/registry/registry.ts'

const userinfo = /^(https?:\/\/)[^/?#@]*@/i

export function hasUserinfo(url: string): boolean {
  return userinfo.test(url)
}

export function withoutUserinfo(url: string): string {
  return url.replace(userinfo, '$1')
}

/** As it is shown: the spelling that was given, while it is still that of the endpoint; never the password. */
export function shownTargetUrl({ endpoint, settings }: Pick<Subscription, 'endpoint' | 'settings'>): string {
  const { targetUrl } = settings
  const isCurrent = typeof targetUrl === 'string' && URL.parse(targetUrl)?.href === endpoint.url
  const spelled = isCurrent ? targetUrl : endpoint.url
  if (endpoint.auth?.type !== 'basic') return spelled
  return spelled.replace('://', `://${encodeURIComponent(endpoint.auth.username)}:***@`)
}
