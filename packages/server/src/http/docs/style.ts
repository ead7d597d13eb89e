/** Follows the reader's light or dark setting. Link targets stand within folded parts: browsers open those. */
export const style = `
:root{color-scheme:light dark;--ink:light-dark(#1c2430,#e4e8ee);--soft:light-dark(#5c6675,#9aa5b4);--line:light-dark(#dfe4ea,#2c3440);
--paper:light-dark(#fff,#12161c);--panel:light-dark(#f6f8fa,#1a2028);--link:light-dark(#0b57d0,#8ab4f8)}
*{box-sizing:border-box}
body{margin:0;display:grid;grid-template-columns:19rem minmax(0,1fr);font:15px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.2rem 1rem 3rem;border-right:1px solid var(--line);background:var(--panel);font-size:13.5px}
nav ul{list-style:none;margin:.2rem 0 .5rem;padding:0 0 0 .9rem}nav li{margin:.15rem 0}nav summary{padding:.15rem 0;cursor:pointer}
nav a{color:inherit;text-decoration:none}nav a:hover{text-decoration:underline}
.brand{font-size:1.2rem;font-weight:700;margin:0 0 1rem}.part{margin:1.2rem 0 .3rem;color:var(--soft);font-weight:600}
main{padding:2rem 3rem 6rem;max-width:62rem}
h1{margin:.2rem 0 1rem;font-size:1.9rem}h2{margin:3rem 0 0;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{margin:2rem 0 .5rem;font-size:1.15rem}h4{margin:1.2rem 0 .4rem;font-size:.9rem;color:var(--soft)}
a{color:var(--link)}small,.type{color:var(--soft)}code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{padding:.8rem 1rem;overflow:auto;background:var(--panel);border:1px solid var(--line);border-radius:8px}
main details{margin:.5rem 0;border:1px solid var(--line);border-radius:8px}
main details[open]{padding-bottom:.6rem}main details>summary{padding:.55rem .9rem;cursor:pointer;list-style-position:outside;margin-left:1.6rem}
main details>summary span{color:var(--soft);margin-left:.4rem}main details>div{margin:0 1rem;overflow-x:auto;scroll-margin-top:3.5rem}
main details:has(>:target){border-color:var(--link)}
table{border-collapse:collapse;width:100%}td table{margin-top:.4rem;border-left:2px solid var(--line)}
th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}th{width:13rem;font-weight:400;white-space:nowrap}
tr:first-child>th,tr:first-child>td{border-top:0}
.required{color:#d93025;margin-left:.15rem}.media{margin:.5rem 0 .2rem}.answer{margin:.35rem 0}.keys{color:var(--soft)}
.method{display:inline-block;min-width:3.2rem;font-size:11px;letter-spacing:.03em}nav .method{min-width:2.8rem;font-size:10px}
.get{color:light-dark(#0b57d0,#8ab4f8)}.post{color:light-dark(#137333,#81c995)}.patch,.put{color:light-dark(#b06000,#fdd663)}.delete{color:light-dark(#c5221f,#f28b82)}
.status{display:inline-block;min-width:2.6rem}.s2{color:light-dark(#137333,#81c995)}.s4,.s5{color:light-dark(#c5221f,#f28b82)}
@media(max-width:60rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line)}main{padding:1.5rem 1rem 4rem}table,tbody,tr,th,td{display:block;width:auto}td{border-top:0;padding-top:0}td table{margin-left:.2rem}}
`
