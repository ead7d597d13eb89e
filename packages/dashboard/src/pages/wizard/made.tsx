import { Tabs } from '@mantine/core'
import { useState } from 'react'
import { deleteSubscription, type Subscription, type TestResult, testSubscription } from '../../api/subscription.ts'
import { Act } from '../../parts/act.tsx'
import { ButtonLink } from '../../parts/button-link.tsx'
import { Copy } from '../../parts/copy.tsx'
import { PageFrame, Section } from '../../parts/page-frame.tsx'
import { Secret } from '../../parts/secret.tsx'
import { TestAnswer } from '../../parts/test-answer.tsx'
import { useSpeech } from '../../text/language.tsx'
import { verificationCode } from './verification-code.ts'
import style from './wizard.module.css'

interface Props {
  readonly subscription: Subscription
  readonly onDiscarded: () => void
}

/** The new subscription: its secret, once; what its receiver answers to a test; how the receiver verifies. */
export function Made({ subscription, onDiscarded }: Props) {
  const { t } = useSpeech()
  const [test, setTest] = useState<TestResult | null>(null)
  const { id, signingSecret, dialect } = subscription
  const isSigned = dialect === 'standard' || dialect === 'cloudevents'
  return (
    <PageFrame
      title={t('wizard.made')}
      actions={
        <>
          <Act run={() => deleteSubscription(id)} onDone={onDiscarded}>
            {t('wizard.discard')}
          </Act>
          <ButtonLink to="/subscriptions/$id" params={{ id }} variant="filled">
            {t('wizard.keep')}
          </ButtonLink>
        </>
      }
    >
      {signingSecret && (
        <Section title={t('secret.signing')}>
          <Secret name={t('secret.signing')} secret={signingSecret} />
        </Section>
      )}
      <Section title={t('wizard.test')}>
        <Act run={() => testSubscription(id)} onDone={setTest}>
          {t('subscription.test')}
        </Act>
        {test && <TestAnswer result={test} />}
      </Section>
      {isSigned && <VerificationCode />}
    </PageFrame>
  )
}

function VerificationCode() {
  const { t } = useSpeech()
  return (
    <Section title={t('wizard.verify')}>
      <Tabs defaultValue={verificationCode[0]!.language}>
        <Tabs.List mb={8}>
          {verificationCode.map(({ language }) => (
            <Tabs.Tab key={language} value={language}>
              {language}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {verificationCode.map(({ language, code }) => (
          <Tabs.Panel key={language} value={language}>
            <div className={style.code}>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
              <pre tabIndex={0}>{code}</pre>
              <Copy text={code} />
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Section>
  )
}
