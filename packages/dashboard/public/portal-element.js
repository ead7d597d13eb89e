/**
 * `<tidings-portal src="https://tidings.example.com/ui/portal#tid_link_…">`: an integrator's portal within a page of the
 * application. The link comes from `POST /v1/portal-links` and is good once. `frameAncestors` of the server has to name
 * the origin of the application. It takes the size that the page gives it.
 */
class TidingsPortal extends HTMLElement {
  static observedAttributes = ['src']
  #frame = document.createElement('iframe')

  constructor() {
    super()
    const { style } = this.#frame
    style.display = 'block'
    style.width = '100%'
    style.height = '100%'
    style.border = '0'
    this.#frame.allow = 'clipboard-write'
    this.#frame.referrerPolicy = 'no-referrer'
    this.attachShadow({ mode: 'open' }).append(this.#frame)
  }

  connectedCallback() {
    this.style.display ||= 'block'
    this.style.minHeight ||= '600px'
    this.#frame.style.minHeight = 'inherit'
    this.#frame.title = this.getAttribute('title') ?? 'Webhooks'
  }

  attributeChangedCallback(_name, _old, src) {
    this.#frame.src = src ?? 'about:blank'
  }
}

customElements.define('tidings-portal', TidingsPortal)
