import { ActionIcon, Tooltip } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useSpeech } from '../text/language.tsx'
import { Icon } from './icon.tsx'

/** Copies what a person may need elsewhere. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const { t } = useSpeech()
  const { copy, copied } = useClipboard({ timeout: 1_500 })
  const name = copied ? t('copy.done') : (label ?? t('copy'))
  return (
    <Tooltip label={name}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={22}
        aria-label={name}
        onClick={(click) => {
          click.preventDefault()
          click.stopPropagation()
          copy(text)
        }}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </ActionIcon>
    </Tooltip>
  )
}
