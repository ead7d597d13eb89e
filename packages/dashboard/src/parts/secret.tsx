import { useSpeech } from '../text/language.tsx'
import { Copy } from './copy.tsx'
import style from './secret.module.css'

/** A secret that the server shows once and never again. */
export function Secret({ name, secret }: { name: string; secret: string }) {
  const { t } = useSpeech()
  return (
    <div className={style.secret}>
      <p>
        <strong>{name}</strong> {t('secret.once')}
      </p>
      <p className={style.value}>
        <code>{secret}</code>
        <Copy text={secret} label={t('copy.what', { what: name })} />
      </p>
    </div>
  )
}
